import {
  type FieldPath,
  type LabelSelectorRules,
  fieldErrors,
  fieldPath,
  parseCidr,
  validateLabelSelector,
  validatePortName,
} from '@reckon/api/machinery';
import type { networkingv1 } from '@reckon/api/types';
import { checkOptionalOneOf, checkText, type Errors } from '../../field-checks';
import { checkPortNumber } from '../../port-checks';
import { isStrictSubnet, legacyCidrMessages } from './ip-format';

/** Printed in this order. */
const protocols = ['TCP', 'UDP', 'SCTP'];
const policyTypes = ['Ingress', 'Egress'];

interface Rules extends LabelSelectorRules {
  /** Networks that the policy had before; they may stay as they are. */
  readonly networks: readonly string[];
}

/** ValidateNetworkPolicy and, with `old`, ValidateNetworkPolicyUpdate. */
export function validateNetworkPolicy(
  policy: networkingv1.NetworkPolicy,
  old: networkingv1.NetworkPolicy | undefined,
): Errors {
  const errors: Errors = [];
  const path = fieldPath('spec');
  const { podSelector, ingress = [], egress = [], policyTypes: types = [] } = policy.spec ?? { podSelector: {} };
  const oldSelector = old?.spec?.podSelector;
  const rules: Rules = {
    allowInvalidValues: validateLabelSelector(oldSelector, path).length > 0,
    networks: old === undefined ? [] : networksOf(old),
  };
  errors.push(...validateLabelSelector(podSelector, path.child('podSelector'), rules));
  for (const [index, rule] of ingress.entries())
    validateRule(errors, path.child('ingress').index(index), rule.ports, 'from', rule.from, rules);
  for (const [index, rule] of egress.entries())
    validateRule(errors, path.child('egress').index(index), rule.ports, 'to', rule.to, rules);
  const typesPath = path.child('policyTypes');
  if (types.length > policyTypes.length)
    errors.push(fieldErrors.invalid(typesPath, types, 'may not specify more than two policyTypes'));
  else
    for (const [index, type] of types.entries()) checkOptionalOneOf(errors, typesPath.index(index), type, policyTypes);
  return errors;
}

function validateRule(
  errors: Errors,
  path: FieldPath,
  ports: readonly networkingv1.NetworkPolicyPort[] | undefined,
  side: 'from' | 'to',
  peers: readonly networkingv1.NetworkPolicyPeer[] | undefined,
  rules: Rules,
): void {
  for (const [index, port] of (ports ?? []).entries()) validatePort(errors, path.child('ports').index(index), port);
  for (const [index, peer] of (peers ?? []).entries()) validatePeer(errors, path.child(side).index(index), peer, rules);
}

function validatePort(
  errors: Errors,
  path: FieldPath,
  { protocol, port, endPort }: networkingv1.NetworkPolicyPort,
): void {
  checkOptionalOneOf(errors, path.child('protocol'), protocol, protocols);
  const endPath = path.child('endPort');
  if (typeof port === 'number') {
    checkPortNumber(errors, path.child('port'), port);
    if (endPort === undefined) return;
    // The message shows the port, which is upstream's slip.
    if (endPort < port) errors.push(fieldErrors.invalid(endPath, port, 'must be greater than or equal to `port`'));
    checkPortNumber(errors, endPath, endPort);
    return;
  }
  if (endPort !== undefined) {
    const what = port === undefined ? 'not specified' : 'non-numeric';
    errors.push(fieldErrors.invalid(endPath, endPort, `may not be specified when \`port\` is ${what}`));
  }
  if (port !== undefined) checkText(errors, path.child('port'), port, validatePortName);
}

function validatePeer(errors: Errors, path: FieldPath, peer: networkingv1.NetworkPolicyPeer, rules: Rules): void {
  const { podSelector, namespaceSelector, ipBlock } = peer;
  errors.push(...validateLabelSelector(podSelector, path.child('podSelector'), rules));
  errors.push(...validateLabelSelector(namespaceSelector, path.child('namespaceSelector'), rules));
  if (ipBlock !== undefined) validateIpBlock(errors, path.child('ipBlock'), ipBlock, rules.networks);
  const selects = podSelector !== undefined || namespaceSelector !== undefined;
  if (!selects && ipBlock === undefined) errors.push(fieldErrors.required(path, 'must specify a peer'));
  else if (selects && ipBlock !== undefined)
    errors.push(fieldErrors.forbidden(path, 'may not specify both ipBlock and another peer'));
}

function validateIpBlock(
  errors: Errors,
  path: FieldPath,
  { cidr, except = [] }: networkingv1.IPBlock,
  existing: readonly string[],
): void {
  const cidrPath = path.child('cidr');
  if (!cidr) {
    errors.push(fieldErrors.required(cidrPath));
    return;
  }
  checkText(errors, cidrPath, cidr, (text) => legacyCidrMessages(text, existing));
  if (parseCidr(cidr) === undefined) return;
  for (const [index, excepted] of except.entries()) {
    const exceptPath = path.child('except').index(index);
    checkText(errors, exceptPath, excepted, (text) => legacyCidrMessages(text, existing));
    if (parseCidr(excepted) !== undefined && !isStrictSubnet(excepted, cidr))
      errors.push(fieldErrors.invalid(exceptPath, excepted, 'must be a strict subset of `cidr`'));
  }
}

function networksOf({ spec }: networkingv1.NetworkPolicy): string[] {
  const peers = [
    ...(spec?.ingress ?? []).flatMap((rule) => rule.from ?? []),
    ...(spec?.egress ?? []).flatMap((rule) => rule.to ?? []),
  ];
  return peers.flatMap(({ ipBlock }) => (ipBlock === undefined ? [] : [ipBlock.cidr, ...(ipBlock.except ?? [])]));
}
