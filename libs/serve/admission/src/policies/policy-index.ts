import type { KindRegistry, ResourceRow } from '@reckon/api/kinds';
import type { KubeObject } from '@reckon/api/machinery';
import type { admissionregistrationv1 } from '@reckon/api/types';
import type { Storage } from '@reckon/store/contract';
import { type HookIndex, hookIndex } from '../matching/hook-index';
import { type MatchResources, matchResources, mayMatch } from './match-resources';
import { isExemptFromPolicies } from './policy-exempt';
import { parameterRow } from './policy-parameters';

type ParamRef = admissionregistrationv1.ParamRef;

/** What validating and mutating policies have in common. */
export interface Policy {
  readonly name: string;
  readonly match: MatchResources;
  readonly failurePolicy: 'Fail' | 'Ignore';
  readonly paramKind: admissionregistrationv1.ParamKind | undefined;
}

export interface Binding {
  readonly name: string;
  readonly policyName: string;
  readonly reference: ParamRef | undefined;
  /** Absent: whatever the policy is about. */
  readonly match: MatchResources | undefined;
  /** Of a validating policy. */
  readonly actions: readonly string[];
}

export interface PolicyIndexParts<P extends Policy> {
  readonly storage: Pick<Storage, 'observe'>;
  readonly kinds: KindRegistry;
  readonly policies: string;
  readonly bindings: string;
  readonly policyOf: (object: KubeObject) => P;
}

export interface PolicyIndex<P extends Policy> {
  /** Policies that may be about a request, in order of their names. */
  readonly candidates: HookIndex<P>['candidates'];
  /** In order of their names. */
  bindingsOf(policy: P): readonly Binding[];
  /** Where the parameters of a policy are; undefined for a policy without. Throws PolicyConfigurationError. */
  parameterRowOf(policy: P): ResourceRow | undefined;
  stop(): void;
}

const group = 'admissionregistration.k8s.io';

/** Follows policies and bindings as they are stored: a change holds for the next request. */
export function policyIndex<P extends Policy>(parts: PolicyIndexParts<P>): PolicyIndex<P> {
  const { storage, kinds } = parts;
  const bindings = new Map<string, Binding>();
  let byPolicy: Map<string, Binding[]> | undefined;
  const stopBindings = storage.observe({ group, resource: parts.bindings }, ({ type, object }) => {
    const { name } = object.key;
    if (type === 'DELETED') bindings.delete(name);
    else bindings.set(name, bindingOf(object.parse()));
    byPolicy = undefined;
  });
  const index = hookIndex<P>({
    storage,
    resource: { group, resource: parts.policies },
    kinds,
    hooksOf: (object) => [parts.policyOf(object)],
    match: (policy, request) => mayMatch(policy.match, request, kinds),
    isExempt: isExemptFromPolicies,
  });
  return {
    candidates: (attributes) => index.candidates(attributes),
    bindingsOf({ name }) {
      byPolicy ??= grouped(bindings);
      return byPolicy.get(name) ?? [];
    },
    parameterRowOf: ({ paramKind }) => (paramKind === undefined ? undefined : parameterRow(kinds, paramKind)),
    stop() {
      index.stop();
      stopBindings();
    },
  };
}

function grouped(bindings: ReadonlyMap<string, Binding>): Map<string, Binding[]> {
  const found = new Map<string, Binding[]>();
  for (const [, binding] of [...bindings].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const known = found.get(binding.policyName);
    if (known === undefined) found.set(binding.policyName, [binding]);
    else known.push(binding);
  }
  return found;
}

type AnyBinding =
  admissionregistrationv1.ValidatingAdmissionPolicyBinding | admissionregistrationv1.MutatingAdmissionPolicyBinding;

function bindingOf(object: KubeObject): Binding {
  const { metadata } = object;
  const spec: admissionregistrationv1.ValidatingAdmissionPolicyBindingSpec = (object as AnyBinding).spec ?? {};
  return {
    name: metadata.name ?? '',
    policyName: spec.policyName ?? '',
    reference: spec.paramRef ?? undefined,
    match: spec.matchResources == null ? undefined : matchResources(spec.matchResources),
    actions: spec.validationActions ?? [],
  };
}
