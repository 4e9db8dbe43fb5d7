import type { admissionregistrationv1, metav1 } from '@reckon/api/types';
import { ageColumn, columns, type KindTable, nameColumn } from './column';

type Configuration =
  admissionregistrationv1.ValidatingWebhookConfiguration | admissionregistrationv1.MutatingWebhookConfiguration;
type Binding =
  admissionregistrationv1.ValidatingAdmissionPolicyBinding | admissionregistrationv1.MutatingAdmissionPolicyBinding;

export const webhookConfigurationColumns = columns<Configuration>([
  nameColumn,
  {
    name: 'Webhooks',
    type: 'integer',
    description: 'Webhooks indicates the number of webhooks registered in this configuration',
    cell: (configuration) => configuration.webhooks?.length ?? 0,
  },
  ageColumn,
]);

const unset = '<unset>';

function paramKindText(kind: admissionregistrationv1.ParamKind | undefined): string {
  return kind === undefined ? unset : `${kind.apiVersion ?? ''}/${kind.kind ?? ''}`;
}

const paramKindDescription = 'ParamKind specifies the kind of resources used to parameterize this policy';

export const validatingAdmissionPolicyColumns = columns<admissionregistrationv1.ValidatingAdmissionPolicy>([
  nameColumn,
  {
    name: 'Validations',
    type: 'integer',
    description: 'Validations indicates the number of validation rules defined in this configuration',
    cell: (policy) => policy.spec?.validations?.length ?? 0,
  },
  {
    name: 'ParamKind',
    description: paramKindDescription,
    cell: (policy) => paramKindText(policy.spec?.paramKind),
  },
  ageColumn,
]);

export const mutatingAdmissionPolicyColumns = columns<admissionregistrationv1.MutatingAdmissionPolicy>([
  nameColumn,
  {
    name: 'Mutations',
    type: 'integer',
    description: 'Mutation indicates the number of mutations rules defined in this configuration',
    cell: (policy) => policy.spec?.mutations?.length ?? 0,
  },
  {
    name: 'ParamKind',
    description: paramKindDescription,
    cell: (policy) => paramKindText(policy.spec?.paramKind),
  },
  ageColumn,
]);

export const admissionPolicyBindingColumns: KindTable = columns<Binding>([
  nameColumn,
  {
    name: 'PolicyName',
    description: 'PolicyName indicates the policy definition which the policy binding binded to',
    cell: (binding) => binding.spec?.policyName ?? '',
  },
  {
    name: 'ParamRef',
    description: 'ParamRef indicates the param resource which sets the configuration param',
    cell: (binding) => paramRefText(binding.spec?.paramRef),
  },
  ageColumn,
]);

function paramRefText(ref: admissionregistrationv1.ParamRef | undefined): string {
  if (ref?.name) return `${ref.namespace || '*'}/${ref.name}`;
  return ref?.selector === undefined ? unset : selectorText(ref.selector);
}

/** `LabelSelector.String` of the protobuf type, which is what upstream's printer prints. */
function selectorText({ matchLabels = {}, matchExpressions = [] }: metav1.LabelSelector): string {
  const labels = Object.keys(matchLabels)
    .sort()
    .map((key) => `${key}: ${matchLabels[key] ?? ''},`);
  const expressions = matchExpressions.map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  );
  return `&LabelSelector{MatchLabels:map[string]string{${labels.join('')}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`;
}
