import {
  type FieldError,
  type FieldPath,
  durationText,
  fieldErrors,
  fieldPath,
  validateDns1123Subdomain,
} from '@reckon/api/machinery';
import { conditionProblem } from '../webhook/match-conditions';
import {
  type AuthorizationConfiguration,
  type WebhookConfiguration,
  authorizerTypes,
  isAuthorizerType,
} from './authorization-configuration';

export interface ConfigurationChecks {
  /** Why a file cannot be used: undefined for a regular file of an absolute path. */
  readonly fileProblem: (file: string) => string | undefined;
}

const mostConditions = 64;

/** apiserver/pkg/apis/apiserver/validation `ValidateAuthorizationConfiguration`; only webhooks may be named more than once. */
export function validateAuthorizationConfiguration(
  { authorizers }: AuthorizationConfiguration,
  checks: ConfigurationChecks,
): FieldError[] {
  const path = fieldPath('authorizers');
  if (authorizers.length === 0) return [fieldErrors.required(path, 'at least one authorization mode must be defined')];
  const types = new Set<string>();
  const names = new Set<string>();
  return authorizers.flatMap(({ type, name, webhook }, i) => {
    const at = path.index(i);
    if (type === '') return [fieldErrors.required(at.child('type'))];
    if (!isAuthorizerType(type)) return [fieldErrors.notSupported(at.child('type'), type, authorizerTypes)];
    if (types.has(type) && type !== 'Webhook') return [fieldErrors.duplicate(at.child('type'), type)];
    types.add(type);
    const errors = nameErrors(at.child('name'), name, names);
    names.add(name);
    if (type === 'Webhook')
      return webhook === undefined
        ? [...errors, fieldErrors.required(at.child('webhook'), 'required when type=Webhook')]
        : [...errors, ...webhookErrors(at, webhook, checks)];
    return webhook === undefined
      ? errors
      : [...errors, fieldErrors.invalid(at.child('webhook'), 'non-null', 'may only be specified when type=Webhook')];
  });
}

/**
 * What kube-apiserver demands beyond that: who is no webhook has the name of its type, and a reloaded file still names all the
 * types that the server began with (pkg/kubeapiserver/authorizer `LoadAndValidateData`).
 */
export function serverRuleProblems(
  { authorizers }: AuthorizationConfiguration,
  required: Iterable<string> = [],
): string[] {
  const others = authorizers.filter(({ type }) => type !== 'Webhook');
  const problems = others
    .filter(({ type, name }) => name !== type.toLowerCase())
    .map(({ type, name }) => `expected name ${type.toLowerCase()} for authorizer ${type} instead of ${name}`);
  const missing = [...required].filter((type) => !others.some((one) => one.type === type)).sort();
  if (missing.length > 0) problems.push(`missing required types: [${missing.join(' ')}]`);
  return problems;
}

function nameErrors(path: FieldPath, name: string, before: ReadonlySet<string>): FieldError[] {
  if (name === '') return [fieldErrors.required(path)];
  if (before.has(name)) return [fieldErrors.duplicate(path, name)];
  const messages = validateDns1123Subdomain(name);
  return messages.length === 0
    ? []
    : [fieldErrors.invalid(path, name, `authorizer name is invalid: ${messages.join(', ')}`)];
}

/** Upstream's paths leave `webhook` out. */
function webhookErrors(at: FieldPath, webhook: WebhookConfiguration, checks: ConfigurationChecks): FieldError[] {
  const { timeoutMs } = webhook;
  return [
    ...durationErrors(at.child('timeout'), timeoutMs, timeoutMs > 30_000, 'must be > 0s and <= 30s'),
    ...durationErrors(at.child('authorizedTTL'), webhook.authorizedTtlMs, false, 'must be > 0s'),
    ...durationErrors(at.child('unauthorizedTTL'), webhook.unauthorizedTtlMs, false, 'must be > 0s'),
    ...choiceErrors(at.child('subjectAccessReviewVersion'), webhook.subjectAccessReviewVersion, ['v1', 'v1beta1']),
    ...conditionVersionErrors(at.child('matchConditionSubjectAccessReviewVersion'), webhook),
    ...choiceErrors(at.child('failurePolicy'), webhook.failurePolicy, ['NoOpinion', 'Deny']),
    ...connectionErrors(at.child('connectionInfo'), webhook.connectionInfo, checks),
    ...conditionErrors(at.child('matchConditions'), webhook.matchConditions),
  ];
}

function durationErrors(path: FieldPath, ms: number, isTooLong: boolean, rule: string): FieldError[] {
  if (ms === 0) return [fieldErrors.required(path)];
  return ms < 0 || isTooLong ? [fieldErrors.invalid(path, durationText(ms), rule)] : [];
}

function choiceErrors(path: FieldPath, value: string, choices: readonly string[]): FieldError[] {
  if (value === '') return [fieldErrors.required(path)];
  return choices.includes(value) ? [] : [fieldErrors.notSupported(path, value, choices)];
}

function conditionVersionErrors(path: FieldPath, webhook: WebhookConfiguration): FieldError[] {
  const { matchConditionSubjectAccessReviewVersion: version, matchConditions } = webhook;
  if (version === '')
    return matchConditions.length === 0
      ? []
      : [fieldErrors.required(path, 'required if match conditions are specified')];
  return version === 'v1' ? [] : [fieldErrors.notSupported(path, version, ['v1'])];
}

const connectionTypes = ['InClusterConfig', 'KubeConfigFile'];

function connectionErrors(
  path: FieldPath,
  { type, kubeConfigFile }: WebhookConfiguration['connectionInfo'],
  { fileProblem }: ConfigurationChecks,
): FieldError[] {
  const filePath = path.child('kubeConfigFile');
  switch (type) {
    case '':
      return [fieldErrors.required(path.child('type'))];
    case 'InClusterConfig':
      return kubeConfigFile === undefined
        ? []
        : [fieldErrors.invalid(filePath, kubeConfigFile, 'can only be set when type=KubeConfigFile')];
    case 'KubeConfigFile': {
      if (kubeConfigFile === undefined || kubeConfigFile === '') return [fieldErrors.required(filePath)];
      const problem = fileProblem(kubeConfigFile);
      return problem === undefined ? [] : [fieldErrors.invalid(filePath, kubeConfigFile, problem)];
    }
    default:
      return [
        fieldErrors.notSupported(
          path.child('type'),
          { Type: type, KubeConfigFile: kubeConfigFile ?? null },
          connectionTypes,
        ),
      ];
  }
}

function conditionErrors(path: FieldPath, expressions: readonly string[]): FieldError[] {
  if (expressions.length > mostConditions) return [fieldErrors.tooMany(path, expressions.length, mostConditions)];
  const before = new Set<string>();
  return expressions.flatMap((expression, i) => {
    const at = path.index(i).child('expression');
    if (expression.trim() === '') return [fieldErrors.required(at)];
    if (before.has(expression)) return [fieldErrors.duplicate(at, expression)];
    before.add(expression);
    const problem = conditionProblem(expression);
    return problem === undefined ? [] : [fieldErrors.invalid(at, expression, problem)];
  });
}
