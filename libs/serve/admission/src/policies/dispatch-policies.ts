import { StatusError } from '@reckon/api/machinery';
import type { KindRegistry } from '@reckon/api/kinds';
import type { MatchedResource } from '../matching/rule-matching';
import { isNamespace, namespaceOf, readNamespace } from '../matching/selectors';
import type { ObjectReader } from '../object-reader';
import type { AdmissionAttributes } from '../plugin';
import { matches } from './match-resources';
import type { Binding, Policy, PolicyIndex } from './policy-index';
import { collectParameters, type Parameter, PolicyConfigurationError } from './policy-parameters';

/** One policy by one binding with each of its parameters, for one request. */
export interface Invocation<P extends Policy> {
  readonly policy: P;
  readonly binding: Binding;
  readonly matched: MatchedResource;
  readonly parameters: readonly Parameter[];
}

/** A policy or a binding that cannot be carried out. */
export interface Misconfiguration<P extends Policy> {
  readonly policy: P;
  readonly binding: Binding | undefined;
  readonly problem: string;
}

export interface Invocations<P extends Policy> {
  readonly list: readonly Invocation<P>[];
  /** Of policies whose failure policy is Fail. */
  readonly failures: readonly Misconfiguration<P>[];
}

export interface DispatchParts<P extends Policy> {
  readonly index: PolicyIndex<P>;
  readonly kinds: KindRegistry;
  readonly objects: ObjectReader;
}

/** Which policies a request meets, by which bindings and with which parameters (policy/generic `policyDispatcher.Dispatch`). */
export function invocationsOf<P extends Policy>(
  parts: DispatchParts<P>,
  attributes: AdmissionAttributes,
): Invocations<P> {
  const list: Invocation<P>[] = [];
  const failures: Misconfiguration<P>[] = [];
  const { index } = parts;
  for (const { hook: policy } of index.candidates(attributes)) {
    const bindings = index.bindingsOf(policy);
    if (bindings.length === 0) continue;
    const fail = (binding: Binding | undefined, error: unknown): void => {
      const problem = problemOf(error);
      if (policy.failurePolicy === 'Fail')
        failures.push({
          policy,
          binding,
          problem: `failed to configure ${binding ? 'binding' : 'policy'}: ${problem}`,
        });
    };
    let matched: MatchedResource | undefined;
    let row: ReturnType<PolicyIndex<P>['parameterRowOf']>;
    try {
      matched = matches(policy.match, attributes, parts);
      if (matched === undefined) continue;
      row = index.parameterRowOf(policy);
    } catch (error) {
      fail(undefined, error);
      continue;
    }
    for (const binding of bindings) {
      try {
        if (binding.match !== undefined && matches(binding.match, attributes, parts) === undefined) continue;
        const parameters = collectParameters(row, binding.reference, namespaceOf(attributes), parts);
        list.push({ policy, binding, matched, parameters });
      } catch (error) {
        fail(binding, error);
      }
    }
  }
  return { list, failures };
}

function problemOf(error: unknown): string {
  if (error instanceof PolicyConfigurationError || error instanceof StatusError) return error.message;
  throw error;
}

/** `namespaceObject`: without owners and managers; null for what has no namespace, and for namespaces themselves. Throws 404. */
export function namespaceObject(attributes: AdmissionAttributes, objects: ObjectReader): object | null {
  const name = namespaceOf(attributes);
  if (name === '' || isNamespace(attributes.row)) return null;
  const namespace = readNamespace(objects, name);
  const metadata = { ...namespace.metadata };
  delete metadata.ownerReferences;
  delete metadata.managedFields;
  return { ...namespace, metadata };
}
