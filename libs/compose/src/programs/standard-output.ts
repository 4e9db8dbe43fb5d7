/** Standard output could not be written, by a full disk for instance. */
export class OutputError extends Error {
  readonly code = 'Output';

  constructor(
    cause: Error,
    readonly hint: string = 'What was written of it is not whole.',
  ) {
    super(`cannot write to standard output: ${cause.message}`, { cause });
  }
}

/** Calls back when all is written, or could not be. A reader who has gone (`reckon log | head`) is an `EPIPE`. */
export function writeOutput(text: string | Buffer, done: (cause: NodeJS.ErrnoException | undefined) => void): void {
  const { stdout } = process;
  // Each write is told of its own failure; without a listener the stream would throw it, too.
  if (!stdout.listeners('error').includes(ignore)) stdout.on('error', ignore);
  stdout.write(text, (cause) => {
    done(cause ?? undefined);
  });
}

/**
 * Writes to standard output, and waits when whoever reads it (a pager, a slow terminal) has enough for now. Throws `OutputError` with
 * the hint where it cannot be written. When nobody reads on, the process ends without a word.
 */
export async function write(text: string | Buffer, hint?: string): Promise<void> {
  const cause = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    writeOutput(text, resolve);
  });
  if (cause === undefined) return;
  if (cause.code === 'EPIPE') process.exit(0);
  throw new OutputError(cause, hint);
}

const ignore = (): void => undefined;
