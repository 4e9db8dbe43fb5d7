import type { KindRegistry, ResourceRow, SelectableFields } from '@reckon/api/kinds';
import type { GroupResource } from '@reckon/api/machinery';
import type { Random } from '@reckon/kernel';
import type { ObjectKey, Revision, Storage, StorageResource } from '@reckon/store/contract';
import type { ManagedFieldsType, ManagedFieldsTypes } from './managed-fields/managed-fields-type';
import type { Strategy } from './strategy';

/** What the verbs of one resource share. */
export interface StoreParts {
  readonly row: ResourceRow;
  readonly kinds: KindRegistry;
  /** As messages name it. */
  readonly resource: GroupResource;
  /** As `Invalid` names it. */
  readonly groupKind: { readonly group: string; readonly kind: string };
  /** `kind` and `apiVersion` of the stored form. */
  readonly storedKind: string;
  readonly storedApiVersion: string;
  readonly storageResource: StorageResource;
  readonly storage: Storage;
  readonly random: Random;
  readonly strategy: Strategy;
  readonly subresources: Readonly<Record<string, Strategy>>;
  readonly selectable: SelectableFields;
  readonly managedFieldsType: ManagedFieldsType;
  /** Of the row's own form, where it is stored in another. */
  readonly servedFieldsType: ManagedFieldsType;
  /** Of other versions. */
  readonly fieldsTypes: ManagedFieldsTypes;
  readonly isStale?: StalenessCheck;
}

/**
 * True for an object that lies in the storage in another form than it would be written in now (plain, where encryption was switched on
 * since): a write that changes nothing is a write then (storage/etcd3 `GuaranteedUpdate`, `origState.stale`).
 */
export type StalenessCheck = (key: ObjectKey, revision: Revision) => Promise<boolean>;

export const keyOf = (parts: StoreParts, namespace: string, name: string): ObjectKey => ({
  group: parts.storageResource.group,
  resource: parts.storageResource.resource,
  namespace: parts.row.namespaced ? namespace : '',
  name,
});

/** The strategy of the object itself ('') or of a subresource. */
export function strategyOf(parts: StoreParts, subresource: string): Strategy {
  if (subresource === '') return parts.strategy;
  const strategy = Object.hasOwn(parts.subresources, subresource) ? parts.subresources[subresource] : undefined;
  if (strategy === undefined)
    throw new Error(`no strategy for ${parts.resource.resource}/${subresource} (see libs/registry/kinds)`);
  return strategy;
}
