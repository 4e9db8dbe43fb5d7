import { type GroupResource, type KubeObject, quantityOf } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Amounts } from './amounts';

export type ScopeSelector = corev1.ScopedResourceSelectorRequirement;

export interface ChargedWrite {
  readonly operation: 'CREATE' | 'UPDATE';
  /** '' for the object itself. */
  readonly subresource: string;
}

/** What objects of one kind count against a quota (k8s.io/apiserver/pkg/quota/v1.Evaluator). */
export interface Evaluator extends GroupResource {
  /** Whether a quota may name the kind's resource so. */
  measures(name: string): boolean;
  /** Whether the object is of the scope. Kinds without scopes are of none. */
  isInScope(object: KubeObject, scope: ScopeSelector): boolean;
  /** Whether a write like this can add to what is used; what it takes away is counted by the controller. */
  charges(write: ChargedWrite): boolean;
  /** What the object must say because a quota names these, and does not; undefined if nothing. Kinds without it need say nothing. */
  readonly missing?: (object: KubeObject, names: readonly string[]) => string | undefined;
  /** Of all that a quota could name; `nowMs` because a pod that outlives its deletion counts no more. */
  usage(object: KubeObject, nowMs: number): Amounts;
}

/** `count/deployments.apps`: how a quota names the number of objects of any kind. */
export const countName = ({ group, resource }: GroupResource): string =>
  `count/${resource}${group === '' ? '' : `.${group}`}`;

/** The kind that `countName` named; undefined for any other name. */
export function counted(name: string): GroupResource | undefined {
  if (!name.startsWith('count/')) return undefined;
  const text = name.slice('count/'.length);
  const dot = text.indexOf('.');
  return dot < 0 ? { group: '', resource: text } : { group: text.slice(dot + 1), resource: text.slice(0, dot) };
}

export const one = quantityOf(1);

/** Of most kinds what counts is settled when they are made. */
export const onCreation = ({ operation, subresource }: ChargedWrite): boolean =>
  operation === 'CREATE' && subresource === '';

/** Of some it changes with the object. */
export const onChange = ({ subresource }: ChargedWrite): boolean => subresource === '';

/** Kinds of which only the number counts; some have a short name from before all kinds could be counted. */
export function objectCountEvaluator(kind: GroupResource, alias?: string): Evaluator {
  const names = [countName(kind), ...(alias === undefined ? [] : [alias])];
  const usage: Amounts = new Map(names.map((name) => [name, one]));
  return {
    group: kind.group,
    resource: kind.resource,
    measures: (name) => names.includes(name),
    isInScope: () => false,
    charges: onCreation,
    usage: () => usage,
  };
}
