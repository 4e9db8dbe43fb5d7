import {
  type FieldPath,
  fieldErrors,
  fieldPath,
  validateDns1123Label,
  validateDns1123Subdomain,
  validateIp,
  validateQualifiedName,
} from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { checkOneOf, checkText, type Errors } from '../../field-checks';
import { checkPortNumber, portProtocols } from '../../port-checks';
import { checkNotSpecialAddress } from './special-address';

const deprecated = 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice';

export const endpointsStrategy: Strategy<corev1.Endpoints> = {
  allowCreateOnUpdate: true,
  defaults: (endpoints) => {
    for (const subset of endpoints.subsets ?? [])
      for (const port of subset.ports ?? []) if (!port.protocol) port.protocol = 'TCP';
  },
  validate: (_ctx, endpoints) => validateEndpoints(endpoints),
  warningsOnCreate: () => [deprecated],
  validateUpdate: (_ctx, endpoints) => validateEndpoints(endpoints),
  warningsOnUpdate: () => [deprecated],
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
  checkText(errors, path.child('ip'), address.ip, validateIp);
  if (address.hostname) checkText(errors, path.child('hostname'), address.hostname, validateDns1123Label);
  if (address.nodeName !== undefined)
    checkText(errors, path.child('nodeName'), address.nodeName, validateDns1123Subdomain);
  checkNotSpecialAddress(errors, path.child('ip'), address.ip);
}

function validatePort(errors: Errors, path: FieldPath, port: corev1.EndpointPort, naming: 'named' | 'unnamed'): void {
  if (port.name) checkText(errors, path.child('name'), port.name, validateDns1123Label);
  else if (naming === 'named') errors.push(fieldErrors.required(path.child('name')));
  checkPortNumber(errors, path.child('port'), port.port);
  checkOneOf(errors, path.child('protocol'), port.protocol, portProtocols);
  if (port.appProtocol !== undefined)
    checkText(errors, path.child('appProtocol'), port.appProtocol, validateQualifiedName);
}
