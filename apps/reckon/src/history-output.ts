/** Writes to standard output, and waits when whoever reads it (a pager, a slow terminal) has enough for now. */
export async function write(text: string | Buffer): Promise<void> {
  listenOnce();
  if (process.stdout.write(text)) return;
  await new Promise<void>((resolve) => process.stdout.once('drain', resolve));
}

let isListening = false;

/** `reckon log | head`: when nobody reads on, it is over. */
function listenOnce(): void {
  if (isListening) return;
  isListening = true;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : 1);
  });
}

export type ColorFlag = 'auto' | 'always' | 'never';

export const colorOf = (flag: ColorFlag): boolean =>
  flag === 'always' || (flag === 'auto' && process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '');
