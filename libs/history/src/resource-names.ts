import { groupResourceName } from '@reckon/api/machinery';
import { HistoryError } from './history-error';

/** A resource as discovery tells it. */
export interface ResourceInfo {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly singular: string;
  readonly kind: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

/** What a person names: `pods`, `pod/web`, `deploy,svc`, `deployments.v1.apps web`. */
export interface NamedResource {
  readonly resource: ResourceInfo;
  /** '' for all of them. */
  readonly name: string;
}

/**
 * Reads arguments as kubectl does: `kind`, `kind name…`, `kind/name…`, `kind,kind`. Throws `HistoryError` for a kind that is not
 * served.
 */
export function resolveArguments(all: readonly ResourceInfo[], args: readonly string[]): NamedResource[] {
  const [first, ...rest] = args;
  if (first === undefined) return [];
  if (args.some((arg) => arg.includes('/'))) {
    return args.map((arg) => {
      const [kind = '', name = '', more] = arg.split('/');
      if (kind === '' || name === '' || more !== undefined)
        throw new HistoryError(
          'BadName',
          `${JSON.stringify(arg)} names no object`,
          'Name objects as kind/name, all of them.',
        );
      return { resource: resolveResource(all, kind), name };
    });
  }
  const kinds = first.split(',').map((kind) => resolveResource(all, kind));
  const names = rest.length === 0 ? [''] : rest;
  return kinds.flatMap((resource) => names.map((name) => ({ resource, name })));
}

/** By plural, singular, kind or short name; then `resource.group` and `resource.version.group`. Earlier rows win. */
export function resolveResource(all: readonly ResourceInfo[], text: string): ResourceInfo {
  const wanted = text.toLowerCase();
  const dot = wanted.indexOf('.');
  const found =
    all.find((row) => isCalled(row, wanted)) ??
    (dot === -1
      ? undefined
      : all.find((row) => {
          if (!isCalled(row, wanted.slice(0, dot))) return false;
          const rest = wanted.slice(dot + 1);
          // `deployments.ap` finds apps, as kubectl's prefix match does.
          return rest === `${row.version}.${row.group}` || (rest !== '' && row.group.startsWith(rest));
        }));
  if (found !== undefined) return found;
  throw new HistoryError(
    'UnknownResource',
    `the server doesn't have a resource type ${JSON.stringify(text)}`,
    '`kubectl api-resources` lists them.',
  );
}

function isCalled(row: ResourceInfo, wanted: string): boolean {
  return (
    row.resource === wanted ||
    row.singular === wanted ||
    row.kind.toLowerCase() === wanted ||
    row.shortNames.includes(wanted) ||
    (row.group !== '' && groupResourceName(row) === wanted)
  );
}

/** Each stored resource once, in the version that the server prefers; events are served by two groups and stored in one. */
export function storedOnce(all: readonly ResourceInfo[]): ResourceInfo[] {
  const seen = new Set<string>();
  return all.filter((row) => {
    const id = row.resource === 'events' && row.group === 'events.k8s.io' ? 'events' : groupResourceName(row);
    if (seen.has(id) || !row.verbs.includes('list')) return false;
    seen.add(id);
    return true;
  });
}
