import {
  type FieldError,
  type FieldPath,
  aggregateMessage,
  fieldErrors,
  fieldPath,
  goQuote,
  issueText,
  validateDns1123Subdomain,
} from '@reckon/api/machinery';
import * as z from 'zod';
import { type AuditLevel, type AuditPolicy, type AuditStage, auditLevels, auditStages } from './audit-policy';

/** A policy that cannot be used, and why. */
export class AuditPolicyError extends Error {
  readonly code = 'AuditPolicy';
  constructor(message: string) {
    super(message);
    this.name = 'AuditPolicyError';
  }
}

const texts = z.array(z.string()).nullish();
const ruleSchema = z.strictObject({
  level: z.string().nullish(),
  users: texts,
  userGroups: texts,
  verbs: texts,
  resources: z.array(z.strictObject({ group: z.string().nullish(), resources: texts, resourceNames: texts })).nullish(),
  namespaces: texts,
  nonResourceURLs: texts,
  omitStages: texts,
  omitManagedFields: z.boolean().nullish(),
});
const policySchema = z.strictObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({}).nullish(),
  rules: z.array(ruleSchema).nullish(),
  omitStages: texts,
  omitManagedFields: z.boolean().nullish(),
});
type Written = z.infer<typeof policySchema>;
type WrittenRule = z.infer<typeof ruleSchema>;

/**
 * A policy from the content of its file. Throws `AuditPolicyError`: for wrong types, and for what
 * apiserver/pkg/apis/audit/validation `ValidatePolicy` refuses, in its words. Fields that nobody knows are told of and left out
 * (apiserver/pkg/audit/policy `LoadPolicyFromBytes`).
 */
export function readAuditPolicy(
  content: unknown,
  tell: (unknownFields: string) => void = () => undefined,
): AuditPolicy {
  let parsed = policySchema.safeParse(content);
  if (!parsed.success && parsed.error.issues.every(isUnknownField)) {
    tell(parsed.error.issues.map(issueText).join(', '));
    parsed = policySchema.safeParse(withoutUnknown(content, parsed.error.issues));
  }
  if (!parsed.success) throw new AuditPolicyError(parsed.error.issues.map(issueText).join(', '));
  const { apiVersion, kind } = parsed.data;
  if (apiVersion !== 'audit.k8s.io/v1' || kind !== 'Policy')
    throw new AuditPolicyError(`it is a ${goQuote(kind)} of ${goQuote(apiVersion)}, not a Policy of audit.k8s.io/v1`);
  const errors = policyErrors(parsed.data);
  if (errors.length > 0) throw new AuditPolicyError(aggregateMessage(errors.map(String)));
  const rules = parsed.data.rules ?? [];
  if (rules.length === 0) throw new AuditPolicyError('loaded illegal policy with 0 rules');
  return {
    rules: rules.map((rule) => ({
      ...present(rule),
      level: rule.level as AuditLevel,
      resources: (rule.resources ?? []).map(present),
    })) as AuditPolicy['rules'],
    omitStages: (parsed.data.omitStages ?? []) as AuditStage[],
    omitManagedFields: parsed.data.omitManagedFields === true,
  };
}

type UnknownFields = Extract<z.core.$ZodIssue, { readonly code: 'unrecognized_keys' }>;

const isUnknownField = (issue: z.core.$ZodIssue): issue is UnknownFields => issue.code === 'unrecognized_keys';

function withoutUnknown(content: unknown, issues: readonly z.core.$ZodIssue[]): unknown {
  const known: unknown = structuredClone(content);
  for (const { path, keys } of issues.filter(isUnknownField)) {
    const holder = path.reduce<unknown>((at, part) => (at as Readonly<Record<PropertyKey, unknown>>)[part], known);
    for (const key of keys) Reflect.deleteProperty(holder as object, key);
  }
  return known;
}

/** Without what is null. */
const present = <T extends object>(object: T): T =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null)) as T;

function policyErrors({ rules, omitStages }: Written): FieldError[] {
  const errors: FieldError[] = [];
  const path = fieldPath('rules');
  stageErrors(errors, omitStages ?? [], fieldPath('omitStages'));
  for (const [index, rule] of (rules ?? []).entries()) ruleErrors(errors, rule, path.index(index));
  return errors;
}

function ruleErrors(errors: FieldError[], rule: WrittenRule, path: FieldPath): void {
  const level = rule.level ?? '';
  if (level === '') errors.push(fieldErrors.required(path.child('level')));
  else if (!auditLevels.some((one) => one === level))
    errors.push(fieldErrors.notSupported(path.child('level'), level, auditLevels));
  urlErrors(errors, rule.nonResourceURLs ?? [], path.child('nonResourceURLs'));
  for (const { group, resources, resourceNames } of rule.resources ?? []) {
    const problems = ['', '*'].includes(group ?? '') ? [] : validateDns1123Subdomain(group ?? '');
    if (problems.length > 0)
      errors.push(fieldErrors.invalid(path.child('resources', 'group'), group, problems.join(',')));
    if ((resourceNames ?? []).length > 0 && (resources ?? []).length === 0)
      errors.push(
        fieldErrors.invalid(
          path.child('resources', 'resourceNames'),
          resourceNames,
          'using resourceNames requires at least one resource',
        ),
      );
  }
  stageErrors(errors, rule.omitStages ?? [], path.child('omitStages'));
  const isBoth = (rule.resources ?? []).length > 0 || (rule.namespaces ?? []).length > 0;
  if ((rule.nonResourceURLs ?? []).length > 0 && isBoth)
    errors.push(
      fieldErrors.invalid(
        path.child('nonResourceURLs'),
        rule.nonResourceURLs,
        'rules cannot apply to both regular resources and non-resource URLs',
      ),
    );
}

function urlErrors(errors: FieldError[], urls: readonly string[], path: FieldPath): void {
  for (const [index, url] of urls.entries()) {
    if (url === '*') continue;
    if (!url.startsWith('/'))
      errors.push(
        fieldErrors.invalid(path.index(index), url, "non-resource URL rules must begin with a '/' character"),
      );
    if (url.slice(0, -1).includes('*'))
      errors.push(
        fieldErrors.invalid(
          path.index(index),
          url,
          "non-resource URL wildcards '*' must be the final character of the rule",
        ),
      );
  }
}

function stageErrors(errors: FieldError[], stages: readonly string[], path: FieldPath): void {
  for (const [index, stage] of stages.entries())
    if (!auditStages.some((one) => one === stage))
      errors.push(fieldErrors.invalid(path.index(index), stage, `allowed stages are ${auditStages.join(',')}`));
}
