import { write } from '@reckon/compose/programs';
import {
  floorOf,
  HistoryError,
  type HistoryScope,
  type HistorySource,
  type Moment,
  readHistory,
  reversed,
  stateChanges,
  stateDiffText,
} from '@reckon/history';
import {
  demandReached,
  isMoment,
  momentOf,
  noHistory,
  openSource,
  type ScopeFlags,
  scopesOf,
  type SourceFlags,
} from './history-flags';
import { namespaceOf, readableOf } from './history-readable';

export interface DiffFlags extends SourceFlags, ScopeFlags {
  readonly showSecrets?: boolean;
}

/** Prints what differs between two moments; true when anything does. */
export async function printDifferences(args: readonly string[], flags: DiffFlags): Promise<boolean> {
  const [first = '', second] = args;
  const hasSecond = second !== undefined && isMoment(second);
  const from = momentOf(first);
  const to = hasSecond ? momentOf(second) : undefined;
  const open = await openSource(flags);
  const { source } = open;
  try {
    const wanted = await scopesOf(open, args.slice(hasSecond ? 2 : 1), flags);
    for (const scope of wanted) if (scope.name !== '') await demandKnown(source, scope);
    const namespace = namespaceOf(flags);
    const { scopes, position } = await readableOf(open, wanted, flags);
    for (const moment of [from, to]) demandReached(moment, position.head);
    const [a, b] = await Promise.all([
      revisionOf(source, from, scopes[0]),
      to === undefined ? position.head : revisionOf(source, to, scopes[0]),
    ]);
    const [low, high] = [Math.min(a, b), Math.max(a, b)];
    const asked = wanted.find(({ resource }) => floorOf(position, resource) > low);
    if (asked !== undefined)
      throw new HistoryError(
        'Compacted',
        `the history of ${asked.resource.resource} before revision ${String(floorOf(position, asked.resource))} is compacted`,
        'Name a later moment.',
      );
    const gone = position.floors.filter(({ floor }) => floor > low).map(({ prefix }) => prefix);
    if (wanted.length === 0 && gone.length > 0)
      console.error(
        `Without what is compacted since: ${gone
          .map((prefix) =>
            prefix
              .slice(1, -1)
              .split('/')
              .reverse()
              .join('.')
              .replace(/\.core$/, ''),
          )
          .join(', ')}`,
      );
    const entries = readHistory(source, { scopes, position }, { namespace, after: low, to: high, gaps: true });
    const { changes, unknown } = await stateChanges(source, without(entries, gone));
    for (const { namespace: ns, name, resource } of unknown)
      console.error(`${resource} ${ns === '' ? '' : `${ns}/`}${name} changed, but its state before is not kept`);
    const options = {
      before: `revision-${String(a)}`,
      after: `revision-${String(b)}`,
      showSecrets: flags.showSecrets === true,
    };
    for (const change of changes) await write(stateDiffText(a <= b ? change : reversed(change), options));
    return changes.length > 0 || unknown.length > 0;
  } finally {
    await source.close();
  }
}

/** An object that never was does not differ, and it would look as if all were well. */
async function demandKnown(source: HistorySource, scope: HistoryScope): Promise<void> {
  for await (const _entry of source.entries({ scope, limit: 1 })) return;
  throw noHistory(scope);
}

async function revisionOf(source: HistorySource, moment: Moment, scope: HistoryScope | undefined): Promise<number> {
  return moment.kind === 'revision' ? moment.revision : source.revisionAt(moment.ms, scope);
}

async function* without<T extends { readonly group: string; readonly resource: string }>(
  entries: AsyncIterable<T>,
  prefixes: readonly string[],
): AsyncGenerator<T> {
  for await (const entry of entries)
    if (!prefixes.includes(`/${entry.group === '' ? 'core' : entry.group}/${entry.resource}/`)) yield entry;
}
