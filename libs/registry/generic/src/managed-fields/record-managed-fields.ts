import { type KubeObject, type ManagedFieldsEntry, timeText } from '@reckon/api/machinery';
import { capUpdateManagers } from './cap-update-managers';
import { type Comparison, compareObjects } from './compare-objects';
import { type FieldSet, difference, isFieldSet, union } from './field-set';
import { unmanaged } from './keep-unchanged-times';
import { byOperationAndTime, defaultResetFields, fieldsOf, neverOwned, withoutReset } from './managed-fields-entries';
import type { ManagedFieldsType } from './managed-fields-type';
import { KeylessItemError } from './path-elements';

export interface RecordOptions {
  readonly manager: string;
  /** '' for the object itself. */
  readonly subresource: string;
  /** The version that the client wrote in. */
  readonly apiVersion: string;
  readonly nowMs: number;
  readonly resetFields: readonly (readonly string[])[] | undefined;
}

/**
 * Writes `next.metadata.managedFields`: who set which field last (apimachinery/pkg/util/managedfields `FieldManager.Update`).
 * The manager gets every field that it added or changed against `previous` (against the type's zero value on a create), everybody
 * else loses those and the removed ones. An entry's time moves only when it gained or its manager changed a value.
 */
export function recordManagedFields(
  type: ManagedFieldsType,
  previous: KubeObject | undefined,
  next: KubeObject,
  options: RecordOptions,
): void {
  const managed = currentEntries(previous, next, options.subresource);
  delete next.metadata.managedFields;
  // Tracking begins with the create; an object that lost its entries stays without.
  if (managed.length === 0 && previous !== undefined) return;

  const compared = comparison(type, previous, next);
  if (compared === undefined) return;
  const reset = options.resetFields ?? defaultResetFields(options.subresource);
  const changed = withoutReset(compared.changed, reset);
  const removed = withoutReset(compared.removed, reset);

  let entries = managed;
  for (const gone of [changed, removed]) if (gone !== undefined) entries = takeFromAll(entries, gone);
  const own = changed === undefined ? undefined : difference(changed, neverOwned);
  if (own !== undefined) entries = addTo(entries, own, options);
  entries = capUpdateManagers(entries);
  if (entries.length > 0) next.metadata.managedFields = entries.sort(byOperationAndTime);
}

/** Undefined when the objects cannot be compared; then none of the entries holds any more (`FieldManager.UpdateNoErrors`). */
function comparison(
  type: ManagedFieldsType,
  previous: KubeObject | undefined,
  next: KubeObject,
): Comparison | undefined {
  try {
    return compareObjects(type.plan, previous === undefined ? type.zero : unmanaged(previous), next);
  } catch (error) {
    if (error instanceof KeylessItemError) return undefined;
    throw error;
  }
}

/** The entries to go on from: a client may send changed ones, reset them with `[]` or `[{}]`, or leave them out. */
function currentEntries(previous: KubeObject | undefined, next: KubeObject, subresource: string): ManagedFieldsEntry[] {
  const live = previous?.metadata.managedFields ?? [];
  if (subresource !== '') return [...live];
  const sent = next.metadata.managedFields;
  if (sent === undefined || sent === null) return [...live];
  const [first] = sent;
  if (first === undefined || (sent.length === 1 && Object.keys(first).length === 0)) return [];
  return sent.every((entry) => isReadable(entry, live)) ? sent.map((entry) => ({ ...entry })) : [...live];
}

/** A set that a patch has left as it was needs no second look: it was read when it was written. */
const isReadable = (entry: ManagedFieldsEntry, live: readonly ManagedFieldsEntry[]): boolean =>
  (entry.operation === 'Update' || entry.operation === 'Apply') &&
  entry.fieldsType === 'FieldsV1' &&
  entry.fieldsV1 !== undefined &&
  (live.some((l) => l.fieldsV1 === entry.fieldsV1) || isFieldSet(entry.fieldsV1));

function takeFromAll(entries: readonly ManagedFieldsEntry[], gone: FieldSet): ManagedFieldsEntry[] {
  const out: ManagedFieldsEntry[] = [];
  for (const entry of entries) {
    const fields = fieldsOf(entry);
    const rest = difference(fields, gone);
    if (rest === fields) out.push(entry);
    else if (rest !== undefined) out.push({ ...entry, fieldsV1: rest });
  }
  return out;
}

function addTo(entries: readonly ManagedFieldsEntry[], own: FieldSet, options: RecordOptions): ManagedFieldsEntry[] {
  const { manager, subresource, apiVersion, nowMs } = options;
  const isOwn = (entry: ManagedFieldsEntry): boolean =>
    entry.manager === manager &&
    entry.operation === 'Update' &&
    entry.apiVersion === apiVersion &&
    (entry.subresource ?? '') === subresource;
  const before = entries.find(isOwn);
  const entry: ManagedFieldsEntry = {
    manager,
    operation: 'Update',
    apiVersion,
    // Upstream loses it on the way from a Scale to the object that it scales (managedfields `ScaleHandler.ToParent`).
    ...(subresource === 'scale' ? {} : { time: timeText(nowMs) }),
    fieldsType: 'FieldsV1',
    fieldsV1: before === undefined ? own : union(fieldsOf(before), own),
    ...(subresource === '' ? {} : { subresource }),
  };
  return before === undefined ? [...entries, entry] : entries.map((other) => (other === before ? entry : other));
}
