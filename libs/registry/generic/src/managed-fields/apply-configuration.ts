import { type KubeObject, type ManagedFieldsEntry, deepCopy, timeText, jsonEqual } from '@reckon/api/machinery';
import { type ApplyConflict, applyConflictError } from './apply-conflicts';
import { appliedSet } from './applied-set';
import { type Comparison, compareObjects } from './compare-objects';
import { type FieldSet, difference, intersection, isEmptyNode } from './field-set';
import { unmanaged } from './keep-unchanged-times';
import { allowedFromLastApplied, withLastApplied } from './last-applied';
import type { ManagedFieldsType } from './managed-fields-type';
import { byOperationAndTime, defaultResetFields, fieldsOf, neverOwned, withoutReset } from './managed-fields-entries';
import { mergeApplied } from './merge-applied';
import { type Owned, pruneUnstated } from './prune-unstated';
import type { VersionForms } from './version-form';

export interface ApplyOptions {
  readonly manager: string;
  /** '' for the object itself. */
  readonly subresource: string;
  /** The version of the configuration and of `live`. */
  readonly apiVersion: string;
  readonly nowMs: number;
  readonly resetFields: readonly (readonly string[])[] | undefined;
  /** Takes fields over from others instead of refusing. */
  readonly isForced: boolean;
  readonly formOf: VersionForms;
}

export interface Applied {
  /** Not in canonical form: members may be null where the last of theirs went. */
  readonly document: KubeObject;
  readonly managedFields: ManagedFieldsEntry[];
}

/** kubectl's name for itself, on which the hand-over from client-side apply depends. */
const kubectl = 'kubectl';

/**
 * What the configuration makes of the live object, and who owns what then (apimachinery/pkg/util/managedfields
 * `FieldManager.Apply`, structured-merge-diff `Updater.Apply`):
 *
 * 1. the configuration goes over the live object;
 * 2. what this applier stated last time and does not state now goes, unless somebody else owns it;
 * 3. what others own and would change is a conflict, or taken from them by force; equal values are owned by both;
 * 4. the applier owns what the configuration states, no more.
 *
 * `config` has passed `appliedProblem`. Throws StatusError 409 for conflicts. The arguments are not changed; the result shares
 * nothing with `config`, but parts with `live`.
 */
export function applyConfiguration(
  type: ManagedFieldsType,
  live: KubeObject | undefined,
  config: KubeObject,
  options: ApplyOptions,
): Applied {
  const { manager, apiVersion } = options;
  const object = live === undefined ? (deepCopy(type.zero) as KubeObject) : unmanaged(live);
  const { conflicts, applied } = attempt(type, object, live?.metadata.managedFields ?? [], deepCopy(config), options);
  if (conflicts.length > 0 && !options.isForced) {
    // What kubectl has applied client-side it may go on applying.
    const allowed = manager === kubectl ? allowedFromLastApplied(type.plan, apiVersion, object) : undefined;
    const left = allowed === undefined ? conflicts : conflictsOutside(conflicts, allowed);
    if (left.length > 0) throw applyConflictError(left);
  }
  return manager === kubectl ? { ...applied, document: withLastApplied(applied.document, config) } : applied;
}

/** What comes out when all is taken by force, and from whom it would be taken. */
function attempt(
  type: ManagedFieldsType,
  live: KubeObject,
  managed: readonly ManagedFieldsEntry[],
  config: KubeObject,
  options: ApplyOptions,
): { readonly conflicts: readonly ApplyConflict[]; readonly applied: Applied } {
  const { plan } = type;
  const { apiVersion, formOf, subresource } = options;
  const reset = options.resetFields ?? defaultResetFields(subresource);
  const entries = managed.length > 0 ? managed : beforeFirstApply(type, live, reset, options);
  const own = entries.find((entry) => isOwn(entry, options));
  const others = entries.filter((entry) => entry !== own && formOf(entry.apiVersion ?? '') !== undefined);
  const stated = withoutReset(appliedSet(plan, config), reset);

  let document = mergeApplied(plan, live, config) as KubeObject;
  const last = own === undefined ? undefined : ownedBy(own);
  if (last !== undefined) {
    const owners = others.map(ownedBy).filter((owned) => owned !== undefined);
    if (stated !== undefined) owners.push({ apiVersion, fields: stated });
    document = pruneUnstated(document, last, owners, formOf);
  }

  const compared = comparisons(live, document, reset, options);
  const conflicts: ApplyConflict[] = [];
  const left: ManagedFieldsEntry[] = [];
  for (const entry of others) {
    const { changed, removed } = compared(entry.apiVersion ?? '');
    const fields = fieldsOf(entry);
    const taken = changed === undefined ? undefined : intersection(fields, changed);
    if (taken !== undefined) conflicts.push({ entry, fields: taken });
    let rest: FieldSet | undefined = isEmptyNode(fields) ? undefined : fields;
    for (const gone of [taken, removed]) if (rest !== undefined && gone !== undefined) rest = difference(rest, gone);
    if (rest !== undefined) left.push(rest === fields ? entry : { ...entry, fieldsV1: rest });
  }

  const isNoop = jsonEqual(live, document);
  const fields = stated === undefined ? undefined : difference(stated, neverOwned);
  if (fields !== undefined) left.push(entryOf(options, 'Apply', isNoop ? own?.time : timeText(options.nowMs), fields));
  return { conflicts, applied: { document: isNoop ? live : document, managedFields: left.sort(byOperationAndTime) } };
}

/** An applier keeps its entry when it goes on in another version. */
const isOwn = (entry: ManagedFieldsEntry, { manager, subresource }: ApplyOptions): boolean =>
  entry.operation === 'Apply' && entry.manager === manager && (entry.subresource ?? '') === subresource;

/**
 * An object that nobody was tracked on has its fields from somebody (apimachinery/pkg/util/managedfields/internal
 * `skipNonAppliedManager`).
 */
function beforeFirstApply(
  type: ManagedFieldsType,
  live: KubeObject,
  reset: readonly (readonly string[])[],
  options: ApplyOptions,
): ManagedFieldsEntry[] {
  const changed = withoutReset(compareObjects(type.plan, type.zero, live).changed, reset);
  const fields = changed === undefined ? undefined : difference(changed, neverOwned);
  if (fields === undefined) return [];
  return [entryOf({ ...options, manager: 'before-first-apply' }, 'Update', timeText(options.nowMs), fields)];
}

function entryOf(
  { manager, apiVersion, subresource }: ApplyOptions,
  operation: 'Apply' | 'Update',
  time: string | undefined,
  fieldsV1: FieldSet,
): ManagedFieldsEntry {
  return {
    manager,
    operation,
    apiVersion,
    ...(time === undefined ? {} : { time }),
    fieldsType: 'FieldsV1',
    fieldsV1,
    ...(subresource === '' ? {} : { subresource }),
  };
}

/** A root without elements is the empty set here, not the root itself. */
function ownedBy(entry: ManagedFieldsEntry): Owned | undefined {
  const fields = fieldsOf(entry);
  return isEmptyNode(fields) ? undefined : { apiVersion: entry.apiVersion ?? '', fields };
}

/** What changed, as each version shows it; compared once per version. */
function comparisons(
  live: KubeObject,
  document: KubeObject,
  reset: readonly (readonly string[])[],
  { formOf }: ApplyOptions,
): (apiVersion: string) => Comparison {
  const known = new Map<string, Comparison>();
  return (apiVersion) => {
    const before = known.get(apiVersion);
    if (before !== undefined) return before;
    const form = formOf(apiVersion);
    if (form === undefined) return { changed: undefined, removed: undefined };
    const { changed, removed } = compareObjects(form.plan, form.to(live), form.to(document));
    const compared = { changed: withoutReset(changed, reset), removed: withoutReset(removed, reset) };
    known.set(apiVersion, compared);
    return compared;
  };
}

function conflictsOutside(conflicts: readonly ApplyConflict[], allowed: FieldSet): ApplyConflict[] {
  return conflicts.flatMap(({ entry, fields }) => {
    const rest = difference(fields, allowed);
    return rest === undefined ? [] : [{ entry, fields: rest }];
  });
}
