export const intersection = (a: readonly string[], b: readonly string[]): string[] =>
  a.filter((value) => b.includes(value));
