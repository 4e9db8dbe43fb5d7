import { nameIsDnsSubdomain } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { nameRule } from '../../name-rule';

/** Token Secrets are not made for service accounts, so nothing is filled in; the name is a DNS subdomain. */
export const serviceAccountStrategy: Strategy<corev1.ServiceAccount> = {
  returnsDeletedObject: true,
  nameRule: nameRule(nameIsDnsSubdomain),
  warningsOnCreate: (_ctx, account) => enforceMountableWarning(account),
  warningsOnUpdate: (_ctx, account) => enforceMountableWarning(account),
};

const enforceMountable = 'kubernetes.io/enforce-mountable-secrets';

/** The annotation still works and is on its way out (pkg/registry/core/serviceaccount strategy). */
function enforceMountableWarning(account: corev1.ServiceAccount): string[] {
  const annotations = account.metadata.annotations ?? {};
  if (!Object.hasOwn(annotations, enforceMountable)) return [];
  return [
    `metadata.annotations[${enforceMountable}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`,
  ];
}
