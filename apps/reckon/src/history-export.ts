import { createWriteStream, rmSync } from 'node:fs';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { reasonOf } from '@reckon/api/machinery';
import { write } from '@reckon/compose/programs';
import { exportHistory, HistoryError } from '@reckon/history';
import { openSource, type SourceFlags } from './history-flags';

export interface ExportFlags extends SourceFlags {
  readonly output: string;
}

/** Writes the whole history as lines of JSON. */
export async function writeExport(flags: ExportFlags): Promise<void> {
  const { source } = await openSource(flags);
  try {
    if (flags.output === '-') for await (const line of exportHistory(source)) await write(line);
    else await writeFile(flags.output, exportHistory(source));
  } catch (error) {
    if (reasonOf(error) !== 'Forbidden') throw error;
    throw new HistoryError(
      'Refused',
      error instanceof Error ? error.message : '',
      'An export is of everything: it takes the right to list all resources in all groups.',
      { cause: error },
    );
  } finally {
    await source.close();
  }
}

const isThere = (cause: unknown): boolean => (cause as { readonly code?: unknown } | null)?.code === 'EEXIST';

/** All of it or nothing: half an export would look like one. */
async function writeFile(file: string, lines: AsyncIterable<Buffer>): Promise<void> {
  const out = createWriteStream(file, { flags: 'wx', mode: 0o600 });
  try {
    await once(out, 'open');
  } catch (cause) {
    throw new HistoryError(
      'Refused',
      `cannot write ${file}: ${cause instanceof Error ? cause.message : ''}`,
      isThere(cause) ? 'Name a file that is not there yet.' : 'Name a file in a folder that this user may write.',
      { cause },
    );
  }
  try {
    await pipeline(lines, out);
  } catch (cause) {
    rmSync(file, { force: true });
    // The log that is read may fail as well, and says where itself.
    if (!(cause instanceof Error) || (cause as NodeJS.ErrnoException).syscall !== 'write') throw cause;
    throw new HistoryError(
      'Refused',
      `cannot write ${file}: ${cause.message}`,
      'Nothing was exported: name a file where there is room.',
      { cause },
    );
  }
}
