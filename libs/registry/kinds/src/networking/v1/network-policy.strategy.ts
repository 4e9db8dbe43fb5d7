import { type FieldPath, fieldPath } from '@reckon/api/machinery';
import type { networkingv1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { twice } from '../../field-checks';
import { countSpecChange } from '../../generation';
import { cidrWarnings } from './ip-format';
import { validateNetworkPolicy } from './network-policy.validation';

/** SetDefaults_NetworkPolicy, SetDefaults_NetworkPolicyPort. */
function setNetworkPolicyDefaults(policy: networkingv1.NetworkPolicy): void {
  const spec = (policy.spec ??= { podSelector: {} });
  const { ingress = [], egress = [] } = spec;
  for (const rule of [...ingress, ...egress]) for (const port of rule.ports ?? []) port.protocol ??= 'TCP';
  if ((spec.policyTypes ?? []).length === 0) spec.policyTypes = egress.length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
}

export const networkPolicyStrategy: Strategy<networkingv1.NetworkPolicy> = {
  defaults: setNetworkPolicyDefaults,
  prepareForCreate: (_ctx, policy) => {
    policy.metadata.generation = 1;
  },
  validate: (_ctx, policy) => validateNetworkPolicy(policy, undefined),
  warningsOnCreate: (_ctx, policy) => networkWarnings(policy),
  prepareForUpdate: (_ctx, policy, old) => countSpecChange(policy, old, policy.spec, old.spec),
  validateUpdate: (_ctx, policy, old) => twice(validateNetworkPolicy(policy, old)),
  warningsOnUpdate: (_ctx, policy) => networkWarnings(policy),
};

/** networkPolicyWarnings: networks that do not say what they seem to. */
function networkWarnings({ spec }: networkingv1.NetworkPolicy): string[] {
  const warnings: string[] = [];
  const look = (path: FieldPath, peers: readonly networkingv1.NetworkPolicyPeer[]): void => {
    for (const [index, { ipBlock }] of peers.entries()) {
      if (ipBlock === undefined) continue;
      const blockPath = path.index(index).child('ipBlock');
      warnings.push(...cidrWarnings(blockPath.child('cidr'), ipBlock.cidr));
      for (const [i, except] of (ipBlock.except ?? []).entries())
        warnings.push(...cidrWarnings(blockPath.child('except').index(i), except));
    }
  };
  for (const [index, rule] of (spec?.ingress ?? []).entries())
    look(fieldPath('spec', 'ingress').index(index).child('from'), rule.from ?? []);
  for (const [index, rule] of (spec?.egress ?? []).entries())
    look(fieldPath('spec', 'egress').index(index).child('to'), rule.to ?? []);
  return warnings;
}
