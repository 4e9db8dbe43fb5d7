import type { ManagedFieldsEntry } from '@reckon/api/machinery';
import { type FieldSet, withoutSubtree } from './field-set';

/** What nobody owns (apimachinery/pkg/util/managedfields `stripMetaManager`); a strict difference, children stay. */
export const neverOwned: FieldSet = {
  'f:apiVersion': {},
  'f:kind': {},
  'f:metadata': {
    '.': {},
    'f:creationTimestamp': {},
    'f:generation': {},
    'f:managedFields': {},
    'f:name': {},
    'f:namespace': {},
    'f:resourceVersion': {},
    'f:selfLink': {},
    'f:uid': {},
  },
};

const statusPath = [['status']];
const specPath = [['spec']];

/** Where a strategy says nothing else. */
export const defaultResetFields = (subresource: string): readonly (readonly string[])[] =>
  subresource === '' ? statusPath : subresource === 'status' ? specPath : [];

/** The set without what the resource resets, whoever writes it. */
export function withoutReset(set: FieldSet | undefined, reset: readonly (readonly string[])[]): FieldSet | undefined {
  let rest = set;
  for (const path of reset) {
    if (rest === undefined) return undefined;
    rest = withoutSubtree(
      rest,
      path.map((name) => `f:${name}`),
    );
  }
  return rest;
}

export const fieldsOf = (entry: ManagedFieldsEntry): FieldSet => (entry.fieldsV1 ?? {}) as FieldSet;

/** apimachinery/pkg/util/managedfields `sortEncodedManagedFields` */
export function byOperationAndTime(a: ManagedFieldsEntry, b: ManagedFieldsEntry): number {
  return (
    order(a.operation, b.operation) ||
    order(a.time, b.time) ||
    order(a.manager, b.manager) ||
    order(a.apiVersion, b.apiVersion) ||
    order(a.subresource, b.subresource)
  );
}

const order = (a = '', b = ''): number => (a < b ? -1 : a > b ? 1 : 0);
