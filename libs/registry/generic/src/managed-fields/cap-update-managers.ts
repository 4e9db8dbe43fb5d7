import type { ManagedFieldsEntry } from '@reckon/api/machinery';
import { type FieldSet, union } from './field-set';

/** apimachinery/pkg/util/managedfields `DefaultMaxUpdateManagers` */
const maxUpdateManagers = 10;
const bucketManager = 'ancient-changes';

/**
 * Keeps the number of Update entries at ten by merging the oldest into one bucket per apiVersion
 * (apimachinery/pkg/util/managedfields `capManagersManager`). Apply entries are never merged.
 */
export function capUpdateManagers(entries: ManagedFieldsEntry[]): ManagedFieldsEntry[] {
  if (entries.length <= maxUpdateManagers) return entries;
  const oldestFirst = entries.filter((entry) => entry.operation === 'Update').sort(byTime);
  let over = oldestFirst.length - maxUpdateManagers;
  if (over <= 0) return entries;

  const kept = new Set(entries);
  const firstOf = new Map<string, ManagedFieldsEntry>();
  const bucketOf = new Map<string, ManagedFieldsEntry>();
  for (const entry of oldestFirst) if (isBucket(entry)) bucketOf.set(entry.apiVersion ?? '', entry);
  for (const entry of oldestFirst) {
    if (over <= 0) break;
    const version = entry.apiVersion ?? '';
    const first = firstOf.get(version);
    if (first === undefined) {
      firstOf.set(version, entry);
      continue;
    }
    const bucket = bucketOf.get(version) ?? first;
    kept.delete(bucket);
    kept.delete(entry);
    const merged = mergeInto(bucket, entry, version);
    kept.add(merged);
    bucketOf.set(version, merged);
    over--;
  }
  return [...kept];
}

const isBucket = (entry: ManagedFieldsEntry): boolean =>
  entry.manager === bucketManager && entry.subresource === undefined;

/** The time is that of the entry that went in, the younger one. */
const mergeInto = (bucket: ManagedFieldsEntry, entry: ManagedFieldsEntry, apiVersion: string): ManagedFieldsEntry => ({
  manager: bucketManager,
  operation: 'Update',
  apiVersion,
  ...(entry.time === undefined ? {} : { time: entry.time }),
  fieldsType: 'FieldsV1',
  fieldsV1: union((entry.fieldsV1 ?? {}) as FieldSet, (bucket.fieldsV1 ?? {}) as FieldSet),
});

function byTime(a: ManagedFieldsEntry, b: ManagedFieldsEntry): number {
  const [x, y] = [`${a.time ?? ''} ${a.manager ?? ''}`, `${b.time ?? ''} ${b.manager ?? ''}`];
  return x < y ? -1 : x > y ? 1 : 0;
}
