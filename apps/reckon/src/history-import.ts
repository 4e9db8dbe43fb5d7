import { createReadStream } from 'node:fs';
import { importHistory } from '@reckon/compose/history';
import { write } from '@reckon/compose/programs';
import { HistoryError } from '@reckon/history';

/** Makes a data directory of an export; `-` is standard input. */
export async function importFile(
  file: string,
  flags: { readonly dataDir: string; readonly encryptionProviderConfig?: string },
): Promise<void> {
  // What SQLite makes is for this user only.
  process.umask(0o077);
  const input: AsyncIterable<Buffer> = file === '-' ? process.stdin : createReadStream(file);
  const chunks = async function* (): AsyncGenerator<Buffer> {
    try {
      yield* input;
    } catch (cause) {
      if (!isSystemError(cause)) throw cause;
      throw new HistoryError(
        'Refused',
        `cannot read ${file}: ${cause.message}`,
        'Name a file that `reckon export` wrote.',
        { cause },
      );
    }
  };
  const { entries, head, folder } = await importHistory(flags.dataDir, chunks(), flags.encryptionProviderConfig);
  const what = `${String(entries)} entries, newest revision ${String(head)}, into ${folder}`;
  await write(`imported ${what}\n`, `The import is whole: ${what}.`);
}

const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === 'string';
