import {
  type FieldPath,
  fieldErrors,
  fieldPath,
  semanticEqual,
  validateDns1123Label,
  validateDns1123Subdomain,
  validateQualifiedName,
} from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { checkOneOf, checkText, type Errors } from '../../field-checks';
import { ipWarnings, legacyIpMessages } from '../../networking/v1/ip-format';
import { checkPortNumber, portProtocols } from '../../port-checks';
import { checkNotSpecialAddress } from './special-address';

const managedBy = 'endpoints.kubernetes.io/managed-by';
const controllerName = 'endpoint-controller';

export const endpointsStrategy: Strategy<corev1.Endpoints> = {
  allowCreateOnUpdate: true,
  defaults: (endpoints) => {
    for (const subset of endpoints.subsets ?? [])
      for (const port of subset.ports ?? []) if (!port.protocol) port.protocol = 'TCP';
  },
  validate: (_ctx, endpoints) => validateEndpoints(endpoints),
  warningsOnCreate: (_ctx, endpoints) => endpointsWarnings(endpoints),
  validateUpdate: (_ctx, endpoints, old) => {
    const errors = validateEndpoints(endpoints);
    // What older versions took may stay as it is.
    return errors.length > 0 && semanticEqual(endpoints.subsets, old.subsets) ? [] : errors;
  },
  warningsOnUpdate: (_ctx, endpoints) => endpointsWarnings(endpoints),
};

/** ValidateEndpoints. */
function validateEndpoints(endpoints: corev1.Endpoints): Errors {
  const errors: Errors = [];
  for (const [index, subset] of (endpoints.subsets ?? []).entries()) {
    const path = fieldPath('subsets').index(index);
    const ready = subset.addresses ?? [];
    const notReady = subset.notReadyAddresses ?? [];
    if (ready.length + notReady.length === 0)
      errors.push(fieldErrors.required(path, 'must specify `addresses` or `notReadyAddresses`'));
    for (const [i, address] of ready.entries()) validateAddress(errors, path.child('addresses').index(i), address);
    for (const [i, address] of notReady.entries())
      validateAddress(errors, path.child('notReadyAddresses').index(i), address);
    const ports = subset.ports ?? [];
    for (const [i, port] of ports.entries())
      validatePort(errors, path.child('ports').index(i), port, ports.length > 1 ? 'named' : 'unnamed');
  }
  return errors;
}

function validateAddress(errors: Errors, path: FieldPath, address: corev1.EndpointAddress): void {
  checkText(errors, path.child('ip'), address.ip ?? '', (text) => legacyIpMessages(text));
  if (address.hostname) checkText(errors, path.child('hostname'), address.hostname, validateDns1123Label);
  if (address.nodeName !== undefined)
    checkText(errors, path.child('nodeName'), address.nodeName, validateDns1123Subdomain);
  checkNotSpecialAddress(errors, path.child('ip'), address.ip ?? '');
}

function validatePort(errors: Errors, path: FieldPath, port: corev1.EndpointPort, naming: 'named' | 'unnamed'): void {
  if (port.name) checkText(errors, path.child('name'), port.name, validateDns1123Label);
  else if (naming === 'named') errors.push(fieldErrors.required(path.child('name')));
  checkPortNumber(errors, path.child('port'), port.port);
  checkOneOf(errors, path.child('protocol'), port.protocol, portProtocols);
  if (port.appProtocol !== undefined)
    checkText(errors, path.child('appProtocol'), port.appProtocol, validateQualifiedName);
}

/** Addresses that are written oddly; those of the controller are looked at nowhere, for it writes them well. */
function endpointsWarnings(endpoints: corev1.Endpoints): string[] {
  const warnings: string[] = [];
  if (endpoints.metadata.labels?.[managedBy] === controllerName) return warnings;
  for (const [index, subset] of (endpoints.subsets ?? []).entries())
    for (const field of ['addresses', 'notReadyAddresses'] as const)
      for (const [i, { ip }] of (subset[field] ?? []).entries())
        warnings.push(...ipWarnings(fieldPath('subsets').index(index).child(field).index(i).child('ip'), ip));
  return warnings;
}
