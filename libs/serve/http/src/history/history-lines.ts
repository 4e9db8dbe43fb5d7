import { type Entry, entryLine } from '@reckon/store/contract';
import { isServedAsStored, servedBytes } from '../response/served-form';
import type { ServerParts } from '../server-parts';
import type { HistoryScope } from './history-scope';

/** One entry as a line: the object as it is stored, or in the version of the path. */
export function historyLine(server: ServerParts, { row }: HistoryScope, entry: Entry): Buffer {
  if (row === undefined || isServedAsStored(row)) return entryLine(entry);
  const { group, version, resource } = row;
  return entryLine(entry, { group, version, resource, object: servedBytes(server, row, { bytes: entry.object }) });
}
