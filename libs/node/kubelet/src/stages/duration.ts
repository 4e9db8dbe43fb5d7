const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** Milliseconds of a text that the schema of a stage has let through; 0 for any other. */
export function durationMs(text: string): number {
  const [, count, unit] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? [];
  return count === undefined ? 0 : Number(count) * unitMs[unit as keyof typeof unitMs];
}
