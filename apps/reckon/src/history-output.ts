import { HistoryError } from '@reckon/history';

/**
 * Writes to standard output, and waits when whoever reads it (a pager, a slow terminal) has enough for now. Throws `HistoryError` where
 * it cannot be written, a full disk for instance. `reckon log | head`: when nobody reads on, the process ends without a word.
 */
export async function write(text: string | Buffer): Promise<void> {
  listenOnce();
  const cause = await new Promise<NodeJS.ErrnoException | null | undefined>((resolve) => {
    process.stdout.write(text, resolve);
  });
  if (cause === undefined || cause === null) return;
  if (cause.code === 'EPIPE') process.exit(0);
  throw new HistoryError(
    'Refused',
    `cannot write to standard output: ${cause.message}`,
    'What was written of it is not whole.',
    { cause },
  );
}

let isListening = false;

/** Each write is told of its own failure; without a listener the stream would throw it, too. */
function listenOnce(): void {
  if (isListening) return;
  isListening = true;
  process.stdout.on('error', () => undefined);
}

export type ColorFlag = 'auto' | 'always' | 'never';

export const colorOf = (flag: ColorFlag): boolean =>
  flag === 'always' || (flag === 'auto' && process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '');
