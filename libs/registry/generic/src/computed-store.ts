import { type ResourceRow, selectableFields, stringifyObject } from '@reckon/api/kinds';
import { apiVersionOf, type KubeObject, statusErrors } from '@reckon/api/machinery';
import { noRevision, type StoredObject } from '@reckon/store/contract';
import type { ResourceStore } from './resource-store';
import { compileSelection } from './selection';

/** Objects that exist only in answers. */
export interface ComputedObjects {
  /** In the order in which they are listed. */
  list(): Promise<readonly KubeObject[]>;
  /** Throws StatusError for a name that there is not. */
  get(name: string): Promise<KubeObject>;
}

/** The store of a cluster-wide kind whose objects are made when they are asked for. They can be read and listed, nothing else. */
export function createComputedStore(row: ResourceRow, objects: ComputedObjects): ResourceStore {
  const selectable = selectableFields(row);
  const stored = (object: KubeObject): StoredObject => {
    const whole = { kind: row.kind, apiVersion: apiVersionOf(row), ...object };
    const bytes = Buffer.from(stringifyObject(whole));
    return {
      key: { group: row.group, resource: row.resource, namespace: '', name: object.metadata.name ?? '' },
      revision: noRevision,
      bytes,
      parse: () => structuredClone(whole),
      labels: object.metadata.labels ?? {},
      fields: selectable.fieldsOf(whole),
    };
  };
  const refuse = (action: string) => (): never => {
    throw statusErrors.methodNotSupported(row, action);
  };
  return {
    row,
    get: async (_namespace, name) => stored(await objects.get(name)),
    async list(query) {
      const { match, name } = compileSelection({ row }, selectable, query);
      const all = (await objects.list()).map(stored);
      const items = all.filter(
        (item) => (name === undefined || item.key.name === name) && (match?.(item.labels, item.fields) ?? true),
      );
      return { page: { revision: noRevision, items }, continueToken: '' };
    },
    watch: refuse('watch'),
    create: refuse('create'),
    update: refuse('update'),
    delete: refuse('delete'),
    deleteCollection: refuse('delete'),
  };
}
