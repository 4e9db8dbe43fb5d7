import type { KubeObject } from '@reckon/api/machinery';
import { type RecordOptions, recordManagedFields } from './managed-fields/record-managed-fields';
import type { StoreParts } from './store-parts';

/**
 * Records who owns what in the form that the client wrote: paths in `managedFields` are those of the served version, which differ from
 * the stored form's where a kind is stored in another (events.k8s.io).
 */
export function recordOwners(
  parts: StoreParts,
  old: KubeObject | undefined,
  object: KubeObject,
  options: RecordOptions,
): void {
  const { row, kinds, managedFieldsType } = parts;
  const isStoredForm = row.group === row.storage.group && row.version === row.storage.version;
  if (isStoredForm) {
    recordManagedFields(managedFieldsType, old, object, options);
    return;
  }
  const served = kinds.converters.convert(object, row);
  recordManagedFields(
    parts.servedFieldsType,
    old === undefined ? undefined : kinds.converters.convert(old, row),
    served,
    options,
  );
  const { managedFields } = served.metadata;
  if (managedFields === undefined) delete object.metadata.managedFields;
  else object.metadata.managedFields = managedFields;
}
