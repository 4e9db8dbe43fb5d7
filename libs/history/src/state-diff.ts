import { type KubeObject, parseApiVersion, jsonEqual } from '@reckon/api/machinery';
import { type HistoryEntry, keyOf } from './history-entry';
import type { HistorySource } from './history-source';
import { maskSecret } from './mask-secrets';
import { omit } from './omit';
import { entryAt } from './states-before';
import { unifiedDiff } from './unified-diff';
import { yamlText } from './yaml-text';

/** An object that is not the same at two moments: the entry that made it what it was at each; `undefined` where it did not exist. */
export interface StateChange {
  readonly of: HistoryEntry;
  readonly before: HistoryEntry | undefined;
  readonly after: HistoryEntry | undefined;
}

export interface StateChanges {
  /** Sorted by key. */
  readonly changes: readonly StateChange[];
  /** Objects that changed, whose state before is not kept or not to be read. */
  readonly unknown: readonly HistoryEntry[];
}

/** Folds the entries between two revisions, in order, into what differs between them. */
export async function stateChanges(
  source: Pick<HistorySource, 'entries'>,
  entries: AsyncIterable<HistoryEntry>,
): Promise<StateChanges> {
  const touched = new Map<string, { readonly first: HistoryEntry; newest: HistoryEntry }>();
  for await (const entry of entries) {
    const known = touched.get(keyOf(entry));
    if (known === undefined) touched.set(keyOf(entry), { first: entry, newest: entry });
    else known.newest = entry;
  }
  const changes: StateChange[] = [];
  const unknown: HistoryEntry[] = [];
  for (const [, { first, newest }] of [...touched].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const before = first.previous === 0 ? undefined : await entryAt(source, first, first.previous);
    const after = newest.verb === 'delete' ? undefined : newest;
    if (first.previous !== 0 && before === undefined) unknown.push(newest);
    else if (!jsonEqual(visible(before?.object), visible(after?.object))) changes.push({ of: newest, before, after });
  }
  return { changes, unknown };
}

/** The same the other way round: from the later moment to the earlier. */
export const reversed = ({ of, before, after }: StateChange): StateChange => ({ of, before: after, after: before });

/** Without what every write changes. */
function visible(object: KubeObject | undefined): KubeObject | undefined {
  if (object === undefined) return undefined;
  return { ...object, metadata: omit(object.metadata, 'managedFields', 'resourceVersion') };
}

export interface DiffTextOptions {
  /** Names of the two moments, which stand where `kubectl diff` has its folders: `revision-7`. */
  readonly before: string;
  readonly after: string;
  readonly showSecrets: boolean;
}

/** One object as `kubectl diff` prints it. */
export function stateDiffText({ of, before, after }: StateChange, options: DiffTextOptions): string {
  const file = fileName(of);
  const a = options.showSecrets ? before?.object : maskSecret(before?.object);
  const b = options.showSecrets ? after?.object : maskSecret(after?.object, before?.object);
  const diff = unifiedDiff(textOf(a), textOf(b), {
    before: `${options.before}/${file}\t${fileTime(before)}`,
    after: `${options.after}/${file}\t${fileTime(after)}`,
  });
  return `diff -u -N ${options.before}/${file} ${options.after}/${file}\n${diff}`;
}

const textOf = (object: KubeObject | undefined): string => (object === undefined ? '' : yamlText(visible(object)));

/** As diff writes times, also of a file that is not there. */
const fileTime = (entry: HistoryEntry | undefined): string =>
  `${(entry?.at ?? '1970-01-01T00:00:00.000Z').replace('T', ' ').replace('Z', '000000')} +0000`;

/** `apps.v1.Deployment.default.web`, as kubectl names its files. */
function fileName({ object, namespace, name, version }: HistoryEntry): string {
  const group = parseApiVersion(object.apiVersion ?? '')?.group ?? '';
  return [group, version, object.kind ?? '', namespace, name].join('.').replace(/^\./, '');
}
