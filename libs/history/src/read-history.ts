import { groupResourceName, reasonOf } from '@reckon/api/machinery';
import type { HistoryEntry } from './history-entry';
import type { HistoryRequest, HistoryScope, HistorySource, LogPosition } from './history-source';
import { interleaved, mergeByRevision } from './merge-by-revision';
import { omit } from './omit';
import { storedOnce } from './resource-names';

/** What a caller may read of what was asked for. */
export interface Readable {
  /** Empty: everything. */
  readonly scopes: readonly HistoryScope[];
  readonly position: LogPosition;
}

export interface Wanted {
  /** Empty: everything, or everything in the namespace. */
  readonly scopes: readonly HistoryScope[];
  readonly namespace?: string;
  /** Told the resources that the caller may not read, when not everything may be read. */
  readonly onRefused: (resources: readonly string[]) => void;
}

/**
 * Finds out what may be read. A caller who may not read everything is given what may be read, resource by resource; when nothing
 * may, the refusal of everything is thrown.
 */
export async function findReadable(
  source: HistorySource,
  { scopes, namespace = '', onRefused }: Wanted,
): Promise<Readable> {
  const [first] = scopes;
  if (first !== undefined) return { scopes, position: await source.position(first) };
  try {
    return { scopes, position: await source.position() };
  } catch (error) {
    if (reasonOf(error) !== 'Forbidden') throw error;
    const resources = storedOnce(await source.resources()).filter((r) => namespace === '' || r.namespaced);
    const asked = await Promise.all(resources.map((resource) => ask(source, { resource, namespace, name: '' })));
    const readable = asked.flatMap(({ scope, position }) => (position === undefined ? [] : [{ scope, position }]));
    const [any] = readable;
    if (any === undefined) throw error;
    onRefused(
      asked.filter(({ position }) => position === undefined).map(({ scope }) => groupResourceName(scope.resource)),
    );
    return { scopes: readable.map(({ scope }) => scope), position: any.position };
  }
}

async function ask(
  source: HistorySource,
  scope: HistoryScope,
): Promise<{ readonly scope: HistoryScope; readonly position: LogPosition | undefined }> {
  try {
    return { scope, position: await source.position(scope) };
  } catch (error) {
    if (reasonOf(error) !== 'Forbidden') throw error;
    return { scope, position: undefined };
  }
}

/**
 * Entries of what may be read, in order of revision. Of several scopes what happens while it follows comes as it happens, in order
 * only within each.
 */
export async function* readHistory(
  source: HistorySource,
  { scopes, position }: Readable,
  request: Omit<HistoryRequest, 'scope'>,
): AsyncGenerator<HistoryEntry> {
  const [only] = scopes;
  if (only === undefined) {
    yield* source.entries(request);
    return;
  }
  const each = omit(request, 'namespace');
  if (scopes.length === 1) {
    yield* source.entries({ ...each, scope: only });
    return;
  }
  const { head } = position;
  const past = { ...each, follow: false, to: Math.min(head, request.to ?? head) };
  yield* limited(
    (async function* () {
      yield* mergeByRevision(scopes.map((scope) => source.entries({ ...past, scope })));
      if (request.follow !== true) return;
      const coming = { ...omit(each, 'sinceMs'), gaps: true, after: Math.max(head, request.after ?? 0) };
      yield* interleaved(scopes.map((scope) => source.entries({ ...coming, scope })));
    })(),
    request.limit,
  );
}

async function* limited(entries: AsyncIterable<HistoryEntry>, limit = 0): AsyncGenerator<HistoryEntry> {
  let count = 0;
  for await (const entry of entries) {
    yield entry;
    if (++count === limit) return;
  }
}
