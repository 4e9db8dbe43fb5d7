/** In the order of the first (authentication/authenticator `Audiences.Intersect`, which takes it second). */
export const intersection = (a: readonly string[], b: readonly string[]): string[] =>
  a.filter((value) => b.includes(value));
