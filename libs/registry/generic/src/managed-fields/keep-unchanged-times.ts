import type { KubeObject, ManagedFieldsEntry } from '@reckon/api/machinery';
import { jsonEqual } from '../json-equal';

/**
 * An update that changes nothing but times of managedFields gets the old times back, so that it is a no-op
 * (endpoints/handlers/fieldmanager `IgnoreManagedFieldsTimestampsTransformer`).
 */
export function keepUnchangedTimes(object: KubeObject, old: KubeObject): void {
  const after = object.metadata.managedFields ?? [];
  const before = old.metadata.managedFields ?? [];
  if (after.length !== before.length || after.length === 0) return;
  if (after.every((entry, i) => entry.time === before[i]?.time)) return;
  if (!after.every((entry, i) => jsonEqual(untimed(entry), untimed(before[i] ?? {})))) return;
  if (jsonEqual(unmanaged(object), unmanaged(old))) object.metadata.managedFields = before;
}

function untimed(entry: ManagedFieldsEntry): ManagedFieldsEntry {
  const rest = { ...entry };
  delete rest.time;
  return rest;
}

/** Without its managedFields. */
export function unmanaged(object: KubeObject): KubeObject {
  const metadata = { ...object.metadata };
  delete metadata.managedFields;
  return { ...object, metadata };
}
