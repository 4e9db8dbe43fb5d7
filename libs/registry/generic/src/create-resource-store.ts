import { type KindRegistry, type ResourceRow, selectableFields } from '@reckon/api/kinds';
import { apiVersionOf } from '@reckon/api/machinery';
import type { Random } from '@reckon/kernel';
import type { Storage, StorageResource } from '@reckon/store/contract';
import { create } from './create';
import { deleteObject } from './delete';
import { deleteCollection } from './delete-collection';
import { get } from './get';
import { list } from './list';
import { type ManagedFieldsTypes, createManagedFieldsTypes } from './managed-fields/managed-fields-type';
import type { ResourceStore } from './resource-store';
import type { StalenessCheck, StoreParts } from './store-parts';
import type { Strategy } from './strategy';
import { update } from './update';
import { watch } from './watch';

export interface ResourceStoreOptions {
  readonly row: ResourceRow;
  readonly kinds: KindRegistry;
  readonly storage: Storage;
  readonly strategy: Strategy;
  /** By name: `status`, `scale`, …; an update through a subresource without one is a programming error. */
  readonly subresources?: Readonly<Record<string, Strategy>>;
  readonly random: Random;
  /** Shared by the stores of one registry, so that a type is compiled once. */
  readonly managedFieldsTypes?: ManagedFieldsTypes;
  /** Absent: what is stored is never stale. */
  readonly isStale?: StalenessCheck;
}

/**
 * The generic registry: REST storage of one resource row (upstream's `registry/generic/registry.Store`). One file per verb.
 * Objects go in and out in the row's *storage* form; the http plane converts other served versions. It also teaches the storage
 * the kind's selectable fields.
 */
export function createResourceStore(options: ResourceStoreOptions): ResourceStore {
  const { row, kinds, storage, strategy } = options;
  const storageResource: StorageResource = { group: row.storage.group, resource: row.storage.resource };
  const storedRow = kinds.resource(row.storage.group, row.storage.version, row.storage.resource) ?? row;
  const selectable = selectableFields(row);
  storage.setFields(storageResource, (object) => selectableFields(storedRow).fieldsOf(object));
  const typeOf = options.managedFieldsTypes ?? createManagedFieldsTypes(kinds);

  const parts: StoreParts = {
    row,
    kinds,
    resource: { group: row.group, resource: row.resource },
    groupKind: { group: row.group, kind: row.kind },
    storedKind: storedRow.kind,
    storedApiVersion: apiVersionOf({ group: row.storage.group, version: row.storage.version }),
    storageResource,
    storage,
    random: options.random,
    strategy,
    subresources: options.subresources ?? {},
    selectable,
    managedFieldsType: typeOf(storedRow.type),
    servedFieldsType: typeOf(row.type),
    fieldsTypes: typeOf,
    ...(options.isStale === undefined ? {} : { isStale: options.isStale }),
  };

  return {
    row,
    create: (ctx, namespace, object, writeOptions) => create(parts, ctx, namespace, object, writeOptions),
    get: (namespace, name, getOptions) => get(parts, namespace, name, getOptions),
    list: (query) => list(parts, query),
    watch: (query, sink, signal, encoding) => watch(parts, query, sink, signal, encoding),
    update: (ctx, namespace, name, subresource, intent, writeOptions) =>
      update(parts, ctx, namespace, name, subresource, intent, writeOptions),
    delete: (ctx, namespace, name, deleteOptions, writeOptions) =>
      deleteObject(parts, ctx, namespace, name, deleteOptions, writeOptions),
    deleteCollection: (ctx, query, deleteOptions, writeOptions) =>
      deleteCollection(parts, ctx, query, deleteOptions, writeOptions),
  };
}
