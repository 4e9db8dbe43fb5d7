import type { KindRegistry, ResourceRow } from '@reckon/api/kinds';
import type { Random } from '@reckon/kernel';
import {
  type ResourceStore,
  type Strategy,
  createManagedFieldsTypes,
  createResourceStore,
} from '@reckon/registry/generic';
import type { StrategyTable } from '@reckon/registry/kinds';
import type { Storage } from '@reckon/store/contract';

/** Writing `scale` is writing the object; binding is checked by its own handler, so nothing is left for a strategy to do. */
function subresourceStrategies(row: ResourceRow, strategy: Strategy): Record<string, Strategy> {
  const has = (name: string): boolean => row.subresources.some((s) => s.name === name);
  return {
    ...(has('scale') ? { scale: strategy } : {}),
    ...(has('binding') ? { binding: { recordsManagers: false } } : {}),
  };
}

/** The REST storage of every row that has a strategy; rows may appear and vanish while it runs. */
export function createStores(parts: {
  readonly kinds: KindRegistry;
  readonly storage: Storage;
  readonly strategies: StrategyTable;
  readonly random: Random;
}): (row: ResourceRow) => ResourceStore | undefined {
  const stores = new Map<ResourceRow, ResourceStore>();
  const managedFieldsTypes = createManagedFieldsTypes(parts.kinds);
  return (row) => {
    const known = stores.get(row);
    if (known !== undefined) return known;
    const kind = parts.strategies.of(row.group, row.resource);
    if (kind === undefined) return undefined;
    const store = createResourceStore({
      ...parts,
      row,
      strategy: kind.strategy,
      subresources: { ...subresourceStrategies(row, kind.strategy), ...kind.subresources },
      managedFieldsTypes,
    });
    stores.set(row, store);
    return store;
  };
}

/** The store of a resource of the core group that every cluster serves. */
export function coreStore(
  kinds: KindRegistry,
  storeOf: (row: ResourceRow) => ResourceStore | undefined,
  resource: string,
): ResourceStore {
  const row = kinds.resource('', 'v1', resource);
  const store = row === undefined ? undefined : storeOf(row);
  if (store === undefined) throw new Error(`${resource} is not served`);
  return store;
}
