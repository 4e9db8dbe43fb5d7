import {
  type FieldPath,
  fieldErrors,
  fieldPath,
  nameIsPathSegment,
  timeText,
  validateDns1035Label,
  validateDns1123Subdomain,
  validatePortNumber,
} from '@reckon/api/machinery';
import type { apiregistrationv1, metav1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { checkText, type Errors } from '../../field-checks';
import { nameRule } from '../../name-rule';
import { keepSpec, keepStatus } from '../../status-keeping';

type ApiService = apiregistrationv1.APIService;

const conditionStatuses = ['True', 'False', 'Unknown'];

function setDefaults({ spec }: ApiService): void {
  if (spec?.service) spec.service.port ??= 443;
}

export const apiServiceStrategy: Strategy<ApiService> = {
  allowUnconditionalUpdate: false,
  resetFields: [],
  nameRule: nameRule(nameIsPathSegment),
  defaults: setDefaults,
  prepareForCreate: (ctx, service) => {
    // What this server serves itself is there as soon as it says so (NewLocalAvailableAPIServiceCondition).
    service.status = service.spec?.service ? {} : { conditions: [localCondition(timeText(ctx.nowMs))] };
  },
  validate: (_ctx, service) => validateApiService(service),
  prepareForUpdate: (_ctx, service, old) => keepStatus(service, old),
  validateUpdate: (_ctx, service) => validateApiService(service),
};

const localCondition = (lastTransitionTime: string): apiregistrationv1.APIServiceCondition => ({
  type: 'Available',
  status: 'True',
  lastTransitionTime,
  reason: 'Local',
  message: 'Local APIServices are always available',
});

const keptMetadata = ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const;

export const apiServiceStatusStrategy: Strategy<ApiService> = {
  allowUnconditionalUpdate: false,
  resetFields: [],
  defaults: setDefaults,
  prepareForUpdate: (_ctx, service, old) => {
    keepSpec(service, old);
    for (const field of keptMetadata) keepMetadata(service.metadata, old.metadata, field);
  },
  validateUpdate: (_ctx, { status }) => {
    const errors: Errors = [];
    for (const [index, condition] of (status?.conditions ?? []).entries())
      if (!conditionStatuses.includes(condition.status))
        errors.push(
          fieldErrors.notSupported(
            fieldPath('status', 'conditions').index(index).child('status'),
            condition.status,
            conditionStatuses,
          ),
        );
    return errors;
  },
};

function keepMetadata<Field extends keyof metav1.ObjectMeta>(
  metadata: metav1.ObjectMeta,
  old: metav1.ObjectMeta,
  field: Field,
): void {
  if (old[field] === undefined) delete metadata[field];
  else metadata[field] = old[field];
}

/** kube-aggregator/pkg/apis/apiregistration/validation `ValidateAPIService`. */
function validateApiService(service: ApiService): Errors {
  const errors: Errors = [];
  const path = fieldPath('spec');
  const spec: Partial<apiregistrationv1.APIServiceSpec> = service.spec ?? {};
  const { group = '', version = '', groupPriorityMinimum = 0, versionPriority = 0 } = spec;
  validateName(errors, service.metadata, `${version}.${group}`);
  if (group === '' && version !== 'v1')
    errors.push(
      fieldErrors.required(path.child('group'), 'only v1 may have an empty group and it better be legacy kube'),
    );
  if (group !== '') checkText(errors, path.child('group'), group, validateDns1123Subdomain);
  checkText(errors, path.child('version'), version, validateDns1035Label);
  checkPriority(errors, path.child('groupPriorityMinimum'), groupPriorityMinimum, 20_000);
  checkPriority(errors, path.child('versionPriority'), versionPriority, 1000);
  const { caBundle = '', insecureSkipTLSVerify: skipsVerification = false } = spec;
  const skipPath = path.child('insecureSkipTLSVerify');
  if (spec.service === undefined) {
    if (caBundle !== '')
      errors.push(
        fieldErrors.invalid(
          path.child('caBundle'),
          `${String(Buffer.from(caBundle, 'base64').length)} bytes`,
          'local APIServices may not have a caBundle',
        ),
      );
    if (skipsVerification)
      errors.push(fieldErrors.invalid(skipPath, true, 'local APIServices may not have insecureSkipTLSVerify'));
    return errors;
  }
  validateService(errors, path.child('service'), spec.service);
  if (skipsVerification && caBundle !== '')
    errors.push(fieldErrors.invalid(skipPath, true, 'may not be true if caBundle is present'));
  return errors;
}

/** Names are `version.group`; what the machinery refuses already is not refused twice. */
function validateName(errors: Errors, { name = '', generateName = '' }: metav1.ObjectMeta, required: string): void {
  for (const [field, text] of [['generateName', generateName] as const, ['name', name] as const])
    if (text !== '' && text !== required && nameIsPathSegment(text, 'name').length === 0)
      errors.push(
        fieldErrors.invalid(
          fieldPath('metadata', field),
          text,
          `must be \`spec.version+"."+spec.group\`: "${required}"`,
        ),
      );
}

/** The messages leave the limit itself out, though it is let in. */
function checkPriority(errors: Errors, path: FieldPath, priority: number, limit: number): void {
  if (priority <= 0 || priority > limit)
    errors.push(fieldErrors.invalid(path, priority, `must be positive and less than ${String(limit)}`));
}

function validateService(errors: Errors, path: FieldPath, service: apiregistrationv1.ServiceReference): void {
  if (!service.namespace) errors.push(fieldErrors.required(path.child('namespace')));
  if (!service.name) errors.push(fieldErrors.required(path.child('name')));
  const port = service.port ?? 0;
  const problems = validatePortNumber(port);
  if (problems.length > 0)
    errors.push(fieldErrors.invalid(path.child('port'), port, `port is not valid: ${problems.join(', ')}`));
}
