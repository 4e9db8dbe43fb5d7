import {
  type KubeObject,
  type Status,
  StatusError,
  type StatusReason,
  jsonEqual,
  stringifyJson,
} from '@reckon/api/machinery';
import { admissionForbidden } from '../admission-forbidden';
import { CostBudget, OutOfBudgetError } from '../expressions/compile-expression';
import { requestVariables } from '../expressions/request-variables';
import type { AdmissionAttributes, AdmissionPlugin, PluginRound } from '../plugin';
import { keepManagedFields } from '../keep-managed-fields';
import { reinvocationOf, requireAgain, roundOf } from '../reinvocation';
import { VersionedRequest } from '../versioned-request';
import { applyMutation, MutationError } from './apply-mutation';
import { type Invocation, invocationsOf, namespaceObject } from './dispatch-policies';
import type { MutatingPolicy } from './mutating-policy';
import { policyConditionsHold } from './policy-conditions';
import type { Parameter } from './policy-parameters';
import type { PolicyParts } from './policy-parts';
import { withVariables } from './policy-variables';

const name = 'MutatingAdmissionPolicy';
/** apis/cel `RuntimeCELCostBudget`, for each expression anew. */
const budgetOfOne = 10_000_000;

/** A failure that refuses the request. */
interface Failure {
  readonly policy: string;
  readonly binding: string | undefined;
  readonly message: string;
  readonly reason: StatusReason | '';
}

/** Policies in CEL that change what is written (plugin/policy/mutating), one after the other. */
export function mutatingPolicies(parts: PolicyParts<MutatingPolicy>): AdmissionPlugin {
  return {
    name,
    // What is deleted cannot be changed; what is connected to has options.
    handles: (operation) => operation !== 'DELETE',
    admit(attributes) {
      return parts.index.candidates(attributes).length === 0 ? undefined : dispatch(parts, attributes);
    },
  };
}

async function dispatch(parts: PolicyParts<MutatingPolicy>, attributes: AdmissionAttributes): Promise<void> {
  const { list, failures } = invocationsOf(parts, attributes);
  const refusals: Failure[] = failures.map(({ policy, binding, problem }) => ({
    policy: policy.name,
    binding: binding?.name,
    message: problem,
    reason: '',
  }));
  if (list.length > 0) refusals.push(...(await invokeAll(parts, attributes, list)));
  if (refusals.length > 0) throw refusal(attributes, refusals);
}

async function invokeAll(
  parts: PolicyParts<MutatingPolicy>,
  attributes: AdmissionAttributes,
  list: readonly Invocation<MutatingPolicy>[],
): Promise<Failure[]> {
  const reinvocation = reinvocationOf(attributes);
  const round = roundOf(reinvocation, name);
  const isFollowed = list.some(({ policy }) => policy.isReinvocable);
  if (reinvocation.isSecond && isFollowed && round.lastOutput !== outputOf(attributes)) requireAgain(round);
  const request = new VersionedRequest(attributes, parts.forms);
  const namespace = namespaceObject(attributes, parts.objects);
  const refusals: Failure[] = [];
  try {
    for (const invocation of list)
      for (const params of invocation.parameters) {
        const outcome = await invoke(parts, invocation, {
          request,
          namespace,
          params,
          round,
          isSecond: reinvocation.isSecond,
        });
        if (outcome.isChanged) {
          requireAgain(round);
          reinvocation.isWanted = true;
        }
        const { policy, binding } = invocation;
        if (policy.isReinvocable && outcome.wasAsked) round.reinvocable.add(idOf(invocation, params));
        if (policy.failurePolicy === 'Fail')
          for (const message of outcome.problems)
            refusals.push({ policy: policy.name, binding: binding.name, message, reason: 'Invalid' });
      }
  } finally {
    if (isFollowed) round.lastOutput = outputOf(attributes);
  }
  return refusals;
}

const outputOf = ({ object }: AdmissionAttributes): string => (object === undefined ? '' : stringifyJson(object));

const idOf = ({ policy, binding }: Invocation<MutatingPolicy>, params: Parameter): string =>
  JSON.stringify([policy.name, binding.name, params?.metadata.namespace, params?.metadata.name]);

interface Asking {
  readonly request: VersionedRequest;
  readonly namespace: object | null;
  readonly params: Parameter;
  readonly round: PluginRound;
  readonly isSecond: boolean;
}

interface Outcome {
  readonly wasAsked: boolean;
  readonly isChanged: boolean;
  readonly problems: readonly string[];
}

const untouched: Outcome = { wasAsked: false, isChanged: false, problems: [] };

/** All mutations of one policy with one parameter; a failed one does not keep the next from being tried, as upstream. */
async function invoke(
  parts: PolicyParts<MutatingPolicy>,
  invocation: Invocation<MutatingPolicy>,
  { request, namespace, params, round, isSecond }: Asking,
): Promise<Outcome> {
  const { policy, matched } = invocation;
  const { authorizer, forms } = parts;
  const variablesNow = (beside: object): ReturnType<typeof requestVariables> =>
    requestVariables({ request, matched, authorizer }, { params, ...beside });
  if (policy.conditions !== undefined) {
    const { operation } = request.attributes;
    const matching = await policyConditionsHold(policy.name, policy.conditions, variablesNow({}), {
      ...parts,
      operation,
    });
    if ('error' in matching) return { ...untouched, problems: [matching.error] };
    if (!matching.holds) return untouched;
  }
  if (isSecond && !round.due.has(idOf(invocation, params))) return untouched;
  const before = request.objectIn(matched.kind);
  if (before === undefined) return { ...untouched, wasAsked: true };
  const problems: string[] = [];
  let isChanged = false;
  for (const mutation of policy.mutations) {
    const current = request.objectIn(matched.kind) as KubeObject;
    const variables = withVariables(policy.variables, variablesNow({ namespaceObject: namespace }));
    const begunMs = parts.clock.elapsedMs();
    const observe = (problem: string | undefined): void => {
      const seconds = (parts.clock.elapsedMs() - begunMs) / 1000;
      parts.metrics({ policy: policy.name, binding: invocation.binding.name, problem, seconds });
    };
    try {
      const changed = await applyMutation(mutation, current, {
        forms,
        kind: matched.kind,
        variables,
        budget: new CostBudget(budgetOfOne),
      });
      observe(undefined);
      if (jsonEqual(current, changed)) continue;
      keepManagedFields(current, changed, request.attributes.ctx);
      request.replace(changed);
      isChanged = true;
    } catch (error) {
      if (error instanceof StatusError) observe(error.message);
      if (!(error instanceof MutationError || error instanceof OutOfBudgetError)) throw error;
      observe(error.message);
      problems.push(error.message);
    }
  }
  return { wasAsked: true, isChanged, problems };
}

/** The first refusal speaks, all of them are told as causes. */
function refusal(attributes: AdmissionAttributes, refusals: readonly Failure[]): StatusError {
  const texts = refusals.map(({ policy, binding, message }) =>
    binding === undefined
      ? `policy ${JSON.stringify(policy)} denied request: ${message}`
      : `policy '${policy}' with binding '${binding}' denied request: ${message}`,
  );
  const { status } = admissionForbidden(
    attributes,
    'admission request denied by policy',
    texts.map((message) => ({ message })),
  );
  const reason = refusals[0]?.reason ?? '';
  const refused: Status = { ...status, message: texts[0] ?? '', ...(reason === '' ? {} : { reason }) };
  return new StatusError(refused);
}
