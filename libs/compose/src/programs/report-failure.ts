import type { Terminal } from './terminal';

/** What a person reads when a command cannot go on: what, where, what to do next; never a stack trace. */
export function reportFailure(error: unknown, { warn }: Pick<Terminal, 'warn'>): void {
  warn(`reckon: ${error instanceof Error ? error.message : String(error)}`);
  const hint = typeof error === 'object' && error !== null ? (error as { hint?: unknown }).hint : undefined;
  if (typeof hint === 'string' && hint !== '') warn(`        ${hint}`);
}
