import type { KubeObject } from '@reckon/api/machinery';
import { appliedSet, withNamedFields } from './applied-set';
import { type FieldSet, difference, intersection, union } from './field-set';
import { removeItems } from './merge-applied';
import type { VersionForm, VersionForms } from './version-form';

/** Somebody's fields, in the version that they were written in. */
export interface Owned {
  readonly apiVersion: string;
  readonly fields: FieldSet;
}

/**
 * Takes out what `last` had and none of `owners` has, of which the applier with its new configuration is one
 * (structured-merge-diff `Updater.prune`). First everything of `last` goes, then what is owned comes back, and last what nobody
 * owns but was not the applier's either: defaults beside a field of its.
 */
export function pruneUnstated(
  merged: KubeObject,
  last: Owned,
  owners: readonly Owned[],
  formOf: VersionForms,
): KubeObject {
  const form = formOf(last.apiVersion);
  if (form === undefined) return merged;
  const { plan } = form;
  const before = form.to(merged);
  const lastFields = withNamedFields(plan, last.fields);
  const pruned = without(form, before, lastFields);
  const kept = withOwned(form, before, pruned, last.apiVersion, owners, formOf);
  const all = namedFieldsOf(form, before);
  const gone = all === undefined ? undefined : minus(all, namedFieldsOf(form, kept));
  const own = gone === undefined ? undefined : intersection(gone, lastFields);
  return own === undefined ? merged : form.from(without(form, before, own));
}

/** Puts back what has an owner, version by version, the applier's former one first. */
function withOwned(
  form: VersionForm,
  before: KubeObject,
  pruned: KubeObject,
  firstVersion: string,
  owners: readonly Owned[],
  formOf: VersionForms,
): KubeObject {
  const byVersion = new Map<string, FieldSet | undefined>([[firstVersion, undefined]]);
  for (const { apiVersion, fields } of owners) {
    const already = byVersion.get(apiVersion);
    byVersion.set(apiVersion, already === undefined ? fields : union(already, fields));
  }
  let kept = pruned;
  for (const [apiVersion, fields] of byVersion) {
    const own = apiVersion === firstVersion ? undefined : formOf(apiVersion);
    if (fields === undefined || (own === undefined && apiVersion !== firstVersion)) continue;
    // Through the version that was applied, which all convert from and to.
    const into = (object: KubeObject): KubeObject => (own === undefined ? object : own.to(form.from(object)));
    const back = (object: KubeObject): KubeObject => (own === undefined ? object : form.to(own.from(object)));
    const at = own ?? form;
    const whole = into(before);
    const all = namedFieldsOf(at, whole);
    if (all === undefined) continue;
    const stays = namedFieldsOf(at, into(kept));
    const owned = withNamedFields(at.plan, fields);
    const gone = minus(all, stays === undefined ? owned : union(stays, owned));
    kept = gone === undefined ? before : back(without(at, whole, gone));
  }
  return kept;
}

const minus = (a: FieldSet, b: FieldSet | undefined): FieldSet | undefined => (b === undefined ? a : difference(a, b));

function namedFieldsOf({ plan }: VersionForm, object: KubeObject): FieldSet | undefined {
  const set = appliedSet(plan, object);
  return set === undefined ? undefined : withNamedFields(plan, set);
}

const without = ({ plan }: VersionForm, object: KubeObject, fields: FieldSet): KubeObject =>
  (removeItems(plan, object, fields) ?? {}) as KubeObject;
