import { type KubeObject, type ManagedFieldsEntry, jsonEqual } from '@reckon/api/machinery';

/**
 * An update that changes nothing but times of managedFields gets the old times back, so that it is a no-op
 * (endpoints/handlers/fieldmanager `IgnoreManagedFieldsTimestampsTransformer`).
 */
export function keepUnchangedTimes(object: KubeObject, old: KubeObject): void {
  const after = object.metadata.managedFields ?? [];
  const before = old.metadata.managedFields ?? [];
  if (after.length !== before.length || after.length === 0) return;
  if (after.every((entry, i) => entry.time === before[i]?.time)) return;
  if (!after.every((entry, i) => isSameButForTime(entry, before[i] ?? {}))) return;
  if (jsonEqual(unmanaged(object), unmanaged(old))) object.metadata.managedFields = before;
}

const isSameButForTime = (a: ManagedFieldsEntry, b: ManagedFieldsEntry): boolean =>
  a.time === b.time ? jsonEqual(a, b) : jsonEqual({ ...a, time: '' }, { ...b, time: '' });

/** Without its managedFields. Built up, since V8 turns an object that lost a member into a slow one. */
export function unmanaged(object: KubeObject): KubeObject {
  const metadata: KubeObject['metadata'] & Record<string, unknown> = {};
  for (const [name, value] of Object.entries(object.metadata)) if (name !== 'managedFields') metadata[name] = value;
  return { ...object, metadata };
}
