import type { KindRegistry, ResourceRow } from '@reckon/api/kinds';
import type { Random } from '@reckon/kernel';
import {
  type ComputedObjects,
  type ResourceStore,
  type StalenessCheck,
  type Strategy,
  createComputedStore,
  createManagedFieldsTypes,
  createResourceStore,
} from '@reckon/registry/generic';
import type { StrategyTable } from '@reckon/registry/kinds';
import type { Storage } from '@reckon/store/contract';
import { openStrategies } from './open-strategies';

const handled: Strategy = { recordsManagers: false };

/**
 * Writing `scale` is writing the object. Binding and eviction are done by their own handlers, so nothing is left for a strategy to do,
 * and what they set is nobody's, as upstream's internal updates.
 */
function subresourceStrategies(row: ResourceRow, strategy: Strategy): Record<string, Strategy> {
  const has = (name: string): boolean => row.subresources.some((s) => s.name === name);
  return {
    ...(has('scale') ? { scale: strategy } : {}),
    ...(has('binding') ? { binding: handled } : {}),
    ...(has('eviction') ? { eviction: handled } : {}),
  };
}

/** The REST storage of every row whose objects are stored; rows may appear, change and vanish while it runs. */
export function createStores(parts: {
  readonly kinds: KindRegistry;
  readonly storage: Storage;
  readonly strategies: StrategyTable;
  readonly random: Random;
  /** Objects that are not stored, by `group/resource`. */
  readonly computed?: Readonly<Record<string, ComputedObjects>>;
  readonly isStale?: StalenessCheck;
}): (row: ResourceRow) => ResourceStore | undefined {
  // A row is never changed, only replaced: its store goes with it.
  const stores = new WeakMap<ResourceRow, ResourceStore>();
  const managedFieldsTypes = createManagedFieldsTypes(parts.kinds);
  return (row) => {
    const known = stores.get(row);
    if (known !== undefined) return known;
    // What is only created (reviews, bindings) is never stored.
    if (!row.verbs.includes('get')) return undefined;
    const computed = parts.computed?.[`${row.group}/${row.resource}`];
    if (computed !== undefined) return remembered(row, createComputedStore(row, computed));
    const kind = parts.strategies.of(row.group, row.resource) ?? openStrategies(row);
    const store = createResourceStore({
      ...parts,
      row,
      strategy: kind.strategy,
      subresources: { ...subresourceStrategies(row, kind.strategy), ...kind.subresources },
      managedFieldsTypes,
    });
    return remembered(row, store);
  };

  function remembered(row: ResourceRow, store: ResourceStore): ResourceStore {
    stores.set(row, store);
    return store;
  }
}

/** The store of a resource of the core group that every cluster serves. */
export const coreStore = (
  kinds: KindRegistry,
  storeOf: (row: ResourceRow) => ResourceStore | undefined,
  resource: string,
): ResourceStore => servedStore(kinds, storeOf, '', resource);

/** The same of any group. */
export function servedStore(
  kinds: KindRegistry,
  storeOf: (row: ResourceRow) => ResourceStore | undefined,
  group: string,
  resource: string,
): ResourceStore {
  const row = kinds.resource(group, 'v1', resource);
  const store = row === undefined ? undefined : storeOf(row);
  if (store === undefined) throw new Error(`${resource} is not served`);
  return store;
}
