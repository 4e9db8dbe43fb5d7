import { groupResourceName, reasonOf } from '@reckon/api/machinery';
import type { HistoryEntry } from './history-entry';
import { HistoryError } from './history-error';
import type { HistoryRequest, HistoryScope, HistorySource, LogPosition } from './history-source';
import { interleaved, mergeByRevision } from './merge-by-revision';
import { omit } from './omit';
import { type ResourceInfo, storedOnce } from './resource-names';

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
  /** Where to look for what may not be listed in all namespaces; absent: nowhere. */
  readonly fallback?: string;
  /** Told the resources that the caller may not read, when not everything may be read. */
  readonly onRefused: (resources: readonly string[]) => void;
  /** Told that the fallback was taken, and what may be listed in all namespaces nevertheless. */
  readonly onNarrowed?: (namespace: string, across: readonly string[]) => void;
}

interface Answer {
  readonly scope: HistoryScope;
  /** Undefined: the caller may not read it. */
  readonly position: LogPosition | undefined;
}

/**
 * Finds out what may be read. A caller who may not read everything is given what may be read, resource by resource, of the fallback
 * namespace where not of all; when nothing may, throws `HistoryError` with what to do.
 */
export async function findReadable(source: HistorySource, wanted: Wanted): Promise<Readable> {
  const { scopes, namespace = '', fallback = '' } = wanted;
  const [first] = scopes;
  if (first !== undefined) return { scopes, position: await source.position(first) };
  try {
    return { scopes, position: await source.position() };
  } catch (error) {
    if (reasonOf(error) !== 'Forbidden') throw error;
    const resources = storedOnce(await source.resources()).filter((r) => namespace === '' || r.namespaced);
    const asked = await askAll(source, resources, namespace);
    const answers = namespace === '' && fallback !== '' ? await narrowed(source, asked, wanted) : asked;
    const readable = answers.filter(isReadable);
    const [any] = readable;
    if (any === undefined) throw nothingToRead(error, namespace, fallback);
    wanted.onRefused(namesOf(answers.filter((answer) => !isReadable(answer))));
    return { scopes: readable.map(({ scope }) => scope), position: any.position };
  }
}

const isReadable = (answer: Answer): answer is Answer & { readonly position: LogPosition } =>
  answer.position !== undefined;
const namesOf = (answers: readonly Answer[]): string[] => answers.map(({ scope }) => groupResourceName(scope.resource));

/** The same answers; what is refused in all namespaces was asked for in the fallback. */
async function narrowed(source: HistorySource, asked: readonly Answer[], wanted: Wanted): Promise<Answer[]> {
  const { fallback = '', onNarrowed } = wanted;
  const refused = asked.filter((answer) => !isReadable(answer) && answer.scope.resource.namespaced);
  const again = await askAll(
    source,
    refused.map(({ scope }) => scope.resource),
    fallback,
  );
  if (again.some(isReadable)) onNarrowed?.(fallback, namesOf(asked.filter(isReadable)));
  const inFallback = new Map(again.map((answer) => [answer.scope.resource, answer]));
  return asked.map((answer) => inFallback.get(answer.scope.resource) ?? answer);
}

function nothingToRead(cause: unknown, namespace: string, fallback: string): HistoryError {
  if (namespace !== '')
    return new HistoryError(
      'Refused',
      `there is nothing in namespace ${JSON.stringify(namespace)} that you may list`,
      'Ask for the right to list there, or name another namespace with -n.',
      { cause },
    );
  return new HistoryError(
    'Refused',
    cause instanceof Error ? cause.message : '',
    fallback === ''
      ? 'Name a namespace in which you may list with -n.'
      : `Nor may you list anything in namespace ${JSON.stringify(fallback)}; name one in which you may with -n.`,
    { cause },
  );
}

const askAll = (source: HistorySource, resources: readonly ResourceInfo[], namespace: string): Promise<Answer[]> =>
  Promise.all(resources.map((resource) => ask(source, { resource, namespace, name: '' })));

async function ask(source: HistorySource, scope: HistoryScope): Promise<Answer> {
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
