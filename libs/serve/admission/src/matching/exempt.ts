import type { ResourceRow } from '@reckon/api/kinds';

const exempt: ReadonlySet<string> = new Set([
  'validatingwebhookconfigurations',
  'mutatingwebhookconfigurations',
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
  'mutatingadmissionpolicies',
  'mutatingadmissionpolicybindings',
]);

/**
 * What configures webhooks and policies is never shown to them, or nobody could take a bad one away
 * (plugin/webhook/predicates/rules `IsExemptAdmissionConfigurationResource`).
 */
export const isExempt = (row: ResourceRow): boolean =>
  row.group === 'admissionregistration.k8s.io' && exempt.has(row.resource);
