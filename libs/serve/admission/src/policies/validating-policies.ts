import { goJson, type Status, StatusError, type StatusReason, statusCodes } from '@reckon/api/machinery';
import { admissionForbidden } from '../admission-forbidden';
import { annotateAudit } from '../audit-annotation';
import { requestVariables } from '../expressions/request-variables';
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin';
import { VersionedRequest } from '../versioned-request';
import { invocationsOf, namespaceObject } from './dispatch-policies';
import { evaluateValidations, type Violation } from './evaluate-validations';
import type { Binding } from './policy-index';
import type { PolicyParts } from './policy-parts';
import type { ValidatingPolicy } from './validating-policy';

/** A refusal, and who spoke it. */
interface Denial {
  readonly policy: string;
  readonly binding: string | undefined;
  readonly message: string;
  readonly reason: string;
}

/** Policies in CEL that judge what is written (plugin/policy/validating). */
export function validatingPolicies(parts: PolicyParts<ValidatingPolicy>): AdmissionPlugin {
  return {
    name: 'ValidatingAdmissionPolicy',
    handles: () => true,
    validate(attributes) {
      return parts.index.candidates(attributes).length === 0 ? undefined : dispatch(parts, attributes);
    },
  };
}

async function dispatch(parts: PolicyParts<ValidatingPolicy>, attributes: AdmissionAttributes): Promise<void> {
  const { list, failures } = invocationsOf(parts, attributes);
  const denials: Denial[] = failures.map(({ policy, binding, problem }) => ({
    policy: policy.name,
    binding: binding?.name,
    message: problem,
    reason: '',
  }));
  if (list.length > 0) {
    const request = new VersionedRequest(attributes, parts.forms);
    const namespace = namespaceObject(attributes, parts.objects);
    const annotations = new AnnotationCollector();
    for (const { policy, binding, matched, parameters } of list) {
      for (const params of parameters) {
        const beside = { params, namespaceObject: namespace };
        const variables = requestVariables({ request, matched, authorizer: parts.authorizer }, beside);
        const by = { policy: policy.name, binding: binding.name };
        const judgement = await evaluateValidations(policy, variables, { ...parts, operation: attributes.operation });
        for (const { message, seconds } of judgement.ignored)
          parts.metrics({ ...by, problem: message, action: 'allow', seconds });
        for (const violation of judgement.violations) {
          const { message, seconds } = violation;
          for (const action of binding.actions)
            if (isAction(action)) parts.metrics({ ...by, problem: message, action: actionLabels[action], seconds });
          if (act(attributes, policy, binding, violation)) denials.push({ ...by, ...violation });
        }
        for (const { key, value } of judgement.annotations) annotations.add(`${policy.name}/${key}`, value);
        for (const message of judgement.annotationErrors) {
          denials.push({ ...by, message, reason: '' });
          parts.metrics({ ...by, problem: message, action: 'deny', seconds: 0 });
        }
      }
    }
    annotations.publish(attributes);
  }
  const [first] = denials;
  if (first !== undefined) throw refusal(attributes, first);
}

const actionLabels = { Deny: 'deny', Audit: 'audit', Warn: 'warn' } as const;
const isAction = (text: string): text is keyof typeof actionLabels => Object.hasOwn(actionLabels, text);

/** Does what the binding wants done about it; true where it denies. */
function act({ ctx }: AdmissionAttributes, policy: ValidatingPolicy, binding: Binding, violation: Violation): boolean {
  const { message, index } = violation;
  if (binding.actions.includes('Warn'))
    ctx.warn(
      `Validation failed for ValidatingAdmissionPolicy '${policy.name}' with binding '${binding.name}': ${message}`,
    );
  if (binding.actions.includes('Audit'))
    ctx.annotate?.(
      'validation.policy.admission.k8s.io/validation_failure',
      goJson([
        {
          message,
          policy: binding.policyName,
          binding: binding.name,
          expressionIndex: index,
          validationActions: binding.actions,
        },
      ]),
    );
  return binding.actions.includes('Deny');
}

const codes: Readonly<Record<string, number>> = { Unauthorized: 401, Forbidden: 403, RequestEntityTooLarge: 413 };

function refusal(attributes: AdmissionAttributes, { policy, binding, message, reason }: Denial): StatusError {
  const by = binding === undefined ? '' : ` with binding '${binding}'`;
  const why = `ValidatingAdmissionPolicy '${policy}'${by} denied request: ${message}`;
  const { status } = admissionForbidden(attributes, why, [{ message: why }]);
  const told = (reason === '' ? 'Invalid' : reason) as StatusReason;
  const refused: Status = { ...status, reason: told, code: codes[told] ?? statusCodes.Invalid };
  return new StatusError(refused);
}

const longestAnnotation = 10 * 1024;

/** Values of one key, of several bindings or parameters, stand side by side. */
class AnnotationCollector {
  private readonly found = new Map<string, Set<string>>();

  add(key: string, value: string): void {
    const values = this.found.get(key) ?? new Set();
    this.found.set(key, values.add(value.slice(0, longestAnnotation)));
  }

  publish({ ctx }: AdmissionAttributes): void {
    for (const [key, values] of this.found) annotateAudit(ctx, key, [...values].join(', '));
  }
}
