import type { CelChecker } from '@reckon/api/cel';
import {
  type FieldPath,
  fieldErrors,
  fieldPath,
  semanticEqual,
  validateDns1035Label,
  validateDns1123Subdomain,
  validateLabelSelector,
} from '@reckon/api/machinery';
import type { admissionregistrationv1 } from '@reckon/api/types';
import { checkOptionalOneOf, checkText, type Errors } from '../../field-checks';
import { validateMatchConditions } from './match-conditions.validation';
import { failurePolicies, matchPolicies, reinvocationPolicies } from './policies';
import { validateRuleWithOperations } from './rule.validation';
import { validateWebhookClient } from './webhook-client.validation';

/** A webhook of either kind; only mutating ones have a reinvocation policy. */
type Webhook = admissionregistrationv1.ValidatingWebhook & { reinvocationPolicy?: string };

const noSideEffects = ['None', 'NoneOnDryRun'];
const allSideEffects = ['None', 'NoneOnDryRun', 'Some', 'Unknown'];
/** Versions of AdmissionReview that a server of the version before knows. */
const reviewVersions = ['v1', 'v1beta1'];

/** What is let pass because the stored webhooks already have it. */
interface Tolerated {
  readonly matchConditions: boolean;
  readonly sideEffects: boolean;
  readonly unknownReviewVersions: boolean;
  readonly repeatedNames: boolean;
  readonly labelValues: boolean;
}

const nothing: Tolerated = {
  matchConditions: false,
  sideEffects: false,
  unknownReviewVersions: false,
  repeatedNames: false,
  labelValues: false,
};

/** ValidateValidatingWebhookConfiguration, ValidateMutatingWebhookConfiguration, and both for updates. */
export function validateWebhooks(cel: CelChecker, webhooks: readonly Webhook[] = [], old?: readonly Webhook[]): Errors {
  const errors: Errors = [];
  const tolerated = old === undefined ? nothing : toleratedBy(old, webhooks);
  const names = new Set<string>();
  for (const [index, webhook] of webhooks.entries()) {
    const path = fieldPath('webhooks').index(index);
    validateWebhook(errors, path, webhook, tolerated, cel);
    validateReviewVersions(errors, path.child('admissionReviewVersions'), webhook, tolerated);
    if (tolerated.repeatedNames || !webhook.name) continue;
    if (names.has(webhook.name)) errors.push(fieldErrors.duplicate(path.child('name'), webhook.name));
    names.add(webhook.name);
  }
  return errors;
}

function toleratedBy(old: readonly Webhook[], webhooks: readonly Webhook[]): Tolerated {
  const hasUnknownVersions = ({ admissionReviewVersions }: Webhook): boolean => {
    const versions = admissionReviewVersions ?? [];
    return versions.length > 0 && !versions.some((version) => reviewVersions.includes(version));
  };
  const hasOddLabels = ({ namespaceSelector, objectSelector }: Webhook): boolean =>
    [namespaceSelector, objectSelector].some((selector) => validateLabelSelector(selector, fieldPath('')).length > 0);
  return {
    matchConditions:
      old.length === webhooks.length &&
      old.every((webhook, i) => semanticEqual(webhook.matchConditions, webhooks[i]?.matchConditions)),
    sideEffects: !old.every(({ sideEffects = '' }) => noSideEffects.includes(sideEffects)),
    unknownReviewVersions: old.some(hasUnknownVersions),
    repeatedNames: new Set(old.map(({ name }) => name)).size < old.length,
    labelValues: old.some(hasOddLabels),
  };
}

/** validateValidatingWebhook, validateMutatingWebhook, in their order. */
function validateWebhook(
  errors: Errors,
  path: FieldPath,
  webhook: Webhook,
  tolerated: Tolerated,
  cel: CelChecker,
): void {
  validateFullName(errors, path.child('name'), webhook.name);
  for (const [index, rule] of (webhook.rules ?? []).entries())
    validateRuleWithOperations(errors, path.child('rules').index(index), rule);
  checkOptionalOneOf(errors, path.child('failurePolicy'), webhook.failurePolicy, failurePolicies);
  checkOptionalOneOf(errors, path.child('matchPolicy'), webhook.matchPolicy, matchPolicies);
  const known = tolerated.sideEffects ? allSideEffects : noSideEffects;
  // Null is what a request without it has after decoding.
  const sideEffects = webhook.sideEffects ?? undefined;
  if (sideEffects === undefined)
    errors.push(fieldErrors.required(path.child('sideEffects'), `must specify one of ${known.join(', ')}`));
  checkOptionalOneOf(errors, path.child('sideEffects'), sideEffects, known);
  const seconds = webhook.timeoutSeconds;
  if (seconds !== undefined && (seconds > 30 || seconds < 1))
    errors.push(
      fieldErrors.invalid(path.child('timeoutSeconds'), seconds, 'the timeout value must be between 1 and 30 seconds'),
    );
  const selectorRules = { allowInvalidValues: tolerated.labelValues };
  for (const field of ['namespaceSelector', 'objectSelector'] as const)
    errors.push(...validateLabelSelector(webhook[field], path.child(field), selectorRules));
  checkOptionalOneOf(errors, path.child('reinvocationPolicy'), webhook.reinvocationPolicy, reinvocationPolicies);
  validateWebhookClient(errors, path.child('clientConfig'), webhook.clientConfig ?? {});
  if (!tolerated.matchConditions)
    validateMatchConditions(errors, path.child('matchConditions'), webhook.matchConditions, {
      cel,
      scope: { hasParams: false, hasAuthorizer: true },
    });
}

/** util/validation `IsFullyQualifiedName`. */
function validateFullName(errors: Errors, path: FieldPath, name: string | undefined): void {
  if (!name) {
    errors.push(fieldErrors.required(path));
    return;
  }
  const problems = validateDns1123Subdomain(name);
  if (problems.length > 0) errors.push(fieldErrors.invalid(path, name, problems.join(',')));
  else if (name.split('.').length < 3)
    errors.push(fieldErrors.invalid(path, name, 'should be a domain with at least three segments separated by dots'));
}

function validateReviewVersions(errors: Errors, path: FieldPath, webhook: Webhook, tolerated: Tolerated): void {
  const versions = webhook.admissionReviewVersions ?? [];
  if (versions.length === 0) {
    errors.push(fieldErrors.required(path, `must specify one of ${reviewVersions.join(', ')}`));
    return;
  }
  const seen = new Set<string>();
  for (const [index, version] of versions.entries()) {
    if (seen.has(version)) errors.push(fieldErrors.invalid(path.index(index), version, 'duplicate version'));
    else checkText(errors, path.index(index), version, validateDns1035Label);
    seen.add(version);
  }
  if (!tolerated.unknownReviewVersions && !versions.some((version) => reviewVersions.includes(version)))
    errors.push(fieldErrors.invalid(path, versions, `must include at least one of ${reviewVersions.join(', ')}`));
}
