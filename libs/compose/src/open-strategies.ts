import type { ResourceRow } from '@reckon/api/kinds';
import { type KubeObject, semanticEqual } from '@reckon/api/machinery';
import type { Strategy } from '@reckon/registry/generic';
import type { KindStrategies } from '@reckon/registry/kinds';

/**
 * The rules of a kind that no strategy was written for, a custom resource: its generation counts the changes of all but metadata and,
 * where status is a subresource, status, which each of the two then leaves to the other
 * (apiextensions-apiserver/pkg/registry/customresource `customResourceStrategy`, `statusStrategy`).
 */
export function openStrategies(row: Pick<ResourceRow, 'subresources'>): KindStrategies {
  const hasStatus = row.subresources.some((s) => s.name === 'status');
  const strategy: Strategy = {
    prepareForCreate(_, object) {
      if (hasStatus) delete object['status'];
      object.metadata.generation = 1;
    },
    prepareForUpdate(_, object, old) {
      if (hasStatus) restore(object, old, 'status');
      if (!semanticEqual(contentOf(object), contentOf(old)))
        object.metadata.generation = (old.metadata.generation ?? 0) + 1;
    },
    ...(hasStatus ? {} : { resetFields: [] }),
  };
  const status: Strategy = {
    prepareForUpdate(_, object, old) {
      for (const field of new Set([...Object.keys(object), ...Object.keys(old)]))
        if (field !== 'metadata' && field !== 'status') restore(object, old, field);
      restore(object.metadata, old.metadata, 'labels');
      restore(object.metadata, old.metadata, 'annotations');
      restore(object.metadata, old.metadata, 'finalizers');
      restore(object.metadata, old.metadata, 'ownerReferences');
    },
  };
  return { strategy, subresources: hasStatus ? { status } : {} };
}

/** All but metadata and type. */
const contentOf = (object: KubeObject): object => ({
  ...object,
  metadata: undefined,
  apiVersion: undefined,
  kind: undefined,
});

/** Fields may have any name, so they are set without meeting a setter. */
function restore(object: object, old: object, field: string): void {
  const before = Object.getOwnPropertyDescriptor(old, field);
  if (before === undefined) Reflect.deleteProperty(object, field);
  else Object.defineProperty(object, field, before);
}
