import type { KubeObject } from '@reckon/api/machinery';
import { StatusError } from '@reckon/api/machinery';
import { type HistoryEntry, keyOf } from './history-entry';
import type { HistorySource } from './history-source';
import type { ResourceInfo } from './resource-names';

/** So many newest states are remembered; one that is not is asked for. */
const rememberedStates = 4096;

/**
 * The state of an object before each of its entries: remembered when the entries come one after the other, asked for when one in
 * between was filtered out or comes before the range.
 */
export class StatesBefore {
  /** Oldest use first. */
  private readonly states = new Map<string, { readonly revision: number; readonly object: KubeObject }>();

  constructor(private readonly source: Pick<HistorySource, 'entries'>) {}

  /** `undefined` for a create, and when it is not kept or not to be read (`isKnown` false). */
  async before(entry: HistoryEntry): Promise<{ readonly object: KubeObject | undefined; readonly isKnown: boolean }> {
    const key = keyOf(entry);
    const remembered = this.states.get(key);
    this.states.delete(key);
    if (entry.verb !== 'delete') this.states.set(key, { revision: entry.revision, object: entry.object });
    if (this.states.size > rememberedStates) this.states.delete(this.states.keys().next().value ?? '');
    if (entry.verb === 'create') return { object: undefined, isKnown: true };
    if (remembered?.revision === entry.previous) return { object: remembered.object, isKnown: true };
    const object = (await entryAt(this.source, entry, entry.previous))?.object;
    return { object, isKnown: object !== undefined };
  }
}

/** An earlier entry of the same object; undefined if it is not kept, or not to be read. */
export async function entryAt(
  source: Pick<HistorySource, 'entries'>,
  of: HistoryEntry,
  revision: number,
): Promise<HistoryEntry | undefined> {
  const { namespace, name } = of;
  const scope = { resource: resourceOf(of), namespace, name: '' };
  try {
    // The collection, not the object: who may list need not be allowed to get.
    for await (const entry of source.entries({ scope, after: revision - 1, to: revision, gaps: true }))
      if (entry.name === name && entry.namespace === namespace) return entry;
  } catch (error) {
    if (!(error instanceof StatusError) || (error.code !== 'Forbidden' && error.code !== 'NotFound')) throw error;
  }
  return undefined;
}

/** As far as an entry tells. */
const resourceOf = ({ group, version, resource, namespace, object }: HistoryEntry): ResourceInfo => ({
  group,
  version,
  resource,
  singular: '',
  kind: object.kind ?? '',
  shortNames: [],
  categories: [],
  namespaced: namespace !== '',
  verbs: ['list'],
});
