import { createKindRegistry } from '@reckon/api/kinds';
import { statusErrors } from '@reckon/api/machinery';
import {
  type HistoryRequest,
  type HistoryScope,
  type HistorySource,
  type LogPosition,
  parsedEntries,
  type ResourceInfo,
} from '@reckon/history';
import {
  entryLine,
  keyText,
  LogGrowth,
  type LogReader,
  parseKey,
  type ReadRange,
  resourcePrefix,
  type Revision,
  StorageError,
} from '@reckon/store/contract';
import { openLogReader } from '@reckon/store/log';
import { dataDirectory } from './data-directory';
import { demandLog } from './demand-log';
import { readEncryption } from './encryption/read-encryption';

/**
 * The history in a data directory, whether a program runs on it or not: who may read the file may read everything. Objects are shown
 * as they are stored. Throws `LogUnusable` for a directory without a log, or with a damaged one; reading throws it where an object is
 * encrypted with a key that `--encryption-provider-config` does not hold.
 */
export async function openLogHistory(folder: string, encryptionFile?: string): Promise<HistorySource> {
  const directory = dataDirectory(folder);
  demandLog(directory);
  const encryption = await readEncryption(encryptionFile);
  return logHistory(await openLogReader({ file: directory.log, ...(encryption === undefined ? {} : { encryption }) }));
}

/** The same over any log. */
export function logHistory(log: LogReader): HistorySource {
  const kinds = createKindRegistry();
  const resources: readonly ResourceInfo[] = kinds.resources().map((row) => row);
  const storageOf = ({
    group,
    version,
    resource,
  }: ResourceInfo): { readonly group: string; readonly resource: string } =>
    kinds.resource(group, version, resource)?.storage ?? { group, resource };

  const position = (): LogPosition => {
    const prefixes = new Set(kinds.resources().map(({ storage }) => resourcePrefix(storage)));
    const floors = [...prefixes].map((prefix) => ({ prefix, floor: log.floorOf(prefix) }));
    return { id: log.id, head: log.head, floors: floors.filter(({ floor }) => floor > 0) };
  };

  async function* lines(request: HistoryRequest): AsyncGenerator<Buffer> {
    const { scope, namespace = '', limit = 0, actor = '', manager = '', signal } = request;
    const prefix = scope === undefined ? '' : prefixOf(storageOf(scope.resource), scope);
    const isMeant = (key: string): boolean => {
      if (scope !== undefined) return scope.name === '' || key === prefix;
      return namespace === '' || parseKey(key).namespace === namespace;
    };
    const range = await rangeOf(log, request);
    let { after } = range;
    let count = 0;
    const growth = request.follow === true ? new LogGrowth(log, signal) : undefined;
    try {
      for (;;) {
        const to = range.to === undefined || range.to > log.head ? log.head : range.to;
        if (to > after || growth === undefined)
          for await (const chunk of log.read({ ...range, after, to, prefix }))
            for (const entry of chunk) {
              if (signal?.aborted === true) return;
              if (!isMeant(entry.key) || (actor !== '' && entry.actor !== actor)) continue;
              if (manager !== '' && entry.manager !== manager) continue;
              if (request.request !== undefined && entry.request !== request.request) continue;
              yield entryLine(entry).subarray(0, -1);
              if (++count === limit) return;
            }
        if (to > after) after = to;
        if (growth === undefined || (range.to !== undefined && after >= range.to)) return;
        await growth.past(after);
        if (signal?.aborted === true) return;
      }
    } catch (error) {
      if (!(error instanceof StorageError) || error.code !== 'Compacted') throw error;
      throw statusErrors.expired(`too old resource version: ${String(after)} (${String(log.floorOf(prefix))})`);
    } finally {
      growth?.stop();
    }
  }

  return {
    resources: () => Promise.resolve(resources),
    lines,
    entries: (request) => parsedEntries(lines(request)),
    position: () => Promise.resolve(position()),
    revisionAt: (timeMs) => log.revisionAt(timeMs),
    close: () => log.close(),
  };
}

function prefixOf(storage: { readonly group: string; readonly resource: string }, scope: HistoryScope): string {
  const namespace = scope.resource.namespaced ? scope.namespace : '';
  if (scope.name !== '') return keyText({ ...storage, namespace, name: scope.name });
  return resourcePrefix(storage) + (namespace === '' ? '' : `${namespace}/`);
}

async function rangeOf(log: LogReader, request: HistoryRequest): Promise<Omit<ReadRange, 'prefix'>> {
  const since = request.sinceMs === undefined ? 0 : await log.revisionAt(request.sinceMs - 1);
  const until = request.untilMs === undefined ? Infinity : await log.revisionAt(request.untilMs);
  const to = Math.min(request.to ?? Infinity, until);
  return {
    after: Math.max(request.after ?? 0, since) as Revision,
    ...(to === Infinity ? {} : { to: to as Revision }),
    ...(request.after === undefined || request.gaps === true ? { acrossCompacted: true } : {}),
  };
}
