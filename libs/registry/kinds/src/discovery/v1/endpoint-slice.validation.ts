import {
  type FieldPath,
  fieldErrors,
  fieldPath,
  semanticEqual,
  validateDns1123Label,
  validateDns1123Subdomain,
  validateIp,
  validateLabels,
  validateLabelValue,
  validateQualifiedName,
} from '@reckon/api/machinery';
import type { discoveryv1 } from '@reckon/api/types';
import { checkOneOf, checkText, type Errors, type TextRule } from '../../field-checks';
import { legacyIpMessages } from '../../networking/v1/ip-format';
import { portProtocols } from '../../port-checks';
import { checkNotSpecialAddress } from '../../core/v1/special-address';
import { familyOf } from '../../core/v1/service/service-type';

const addressTypes = ['FQDN', 'IPv4', 'IPv6'];

const maxEndpoints = 1000;
const maxAddresses = 100;
const maxPorts = 20_000;
const maxZoneHints = 8;
const maxNodeHints = 8;
const maxTopologyLabels = 16;

/** ValidateEndpointSlice; endpoints that an update leaves alone may be written as they were. */
export function validateEndpointSlice(slice: discoveryv1.EndpointSlice, old?: discoveryv1.EndpointSlice): Errors {
  const errors: Errors = [];
  const isStored = old !== undefined && semanticEqual(slice.endpoints, old.endpoints);
  checkOneOf(errors, fieldPath('addressType'), slice.addressType, addressTypes);
  validateEndpoints(errors, slice, isStored ? validateIp : legacyIpMessages);
  validatePorts(errors, slice.ports ?? []);
  return errors;
}

function validateEndpoints(errors: Errors, slice: discoveryv1.EndpointSlice, ipRule: TextRule): void {
  const path = fieldPath('endpoints');
  const endpoints = slice.endpoints ?? [];
  if (endpoints.length > maxEndpoints) {
    errors.push(fieldErrors.tooMany(path, endpoints.length, maxEndpoints));
    return;
  }
  for (const [index, endpoint] of endpoints.entries()) {
    const endpointPath = path.index(index);
    const addressPath = endpointPath.child('addresses');
    const addresses = endpoint.addresses ?? [];
    if (addresses.length === 0) errors.push(fieldErrors.required(addressPath, 'must contain at least 1 address'));
    else if (addresses.length > maxAddresses)
      errors.push(fieldErrors.tooMany(addressPath, addresses.length, maxAddresses));
    for (const [i, address] of addresses.entries())
      validateAddress(errors, addressPath.index(i), address, { type: slice.addressType, ipRule });
    if (endpoint.nodeName !== undefined)
      checkText(errors, endpointPath.child('nodeName'), endpoint.nodeName, validateDns1123Subdomain);
    const topology = endpoint.deprecatedTopology;
    if (topology) {
      const topologyPath = endpointPath.child('deprecatedTopology');
      const count = Object.keys(topology).length;
      if (count > maxTopologyLabels) errors.push(fieldErrors.tooMany(topologyPath, count, maxTopologyLabels));
      errors.push(...validateLabels(topology, topologyPath));
    }
    if (endpoint.hostname !== undefined)
      checkText(errors, endpointPath.child('hostname'), endpoint.hostname, validateDns1123Label);
    if (endpoint.hints) validateHints(errors, endpointPath.child('hints'), endpoint.hints);
  }
}

interface AddressRules {
  readonly type: string;
  readonly ipRule: TextRule;
}

function validateAddress(errors: Errors, path: FieldPath, address: string, { type, ipRule }: AddressRules): void {
  const before = errors.length;
  switch (type) {
    case 'IPv4':
    case 'IPv6':
      checkText(errors, path, address, ipRule);
      if (errors.length === before && familyOf(address) !== type)
        errors.push(fieldErrors.invalid(path, address, `must be an ${type} address`));
      if (errors.length === before) checkNotSpecialAddress(errors, path, address);
      break;
    case 'FQDN':
      checkFullyQualified(errors, path, address);
      break;
    default:
  }
}

/** validation.IsFullyQualifiedDomainName: at least two labels; a trailing dot is fine. */
function checkFullyQualified(errors: Errors, path: FieldPath, name: string): void {
  if (name === '') {
    errors.push(fieldErrors.required(path));
    return;
  }
  const bare = name.endsWith('.') ? name.slice(0, -1) : name;
  const messages = validateDns1123Subdomain(bare);
  for (const message of messages) errors.push(fieldErrors.invalid(path, bare, message));
  if (messages.length > 0) return;
  const labels = bare.split('.');
  if (labels.length < 2) {
    errors.push(fieldErrors.invalid(path, bare, 'should be a domain with at least two segments separated by dots'));
    return;
  }
  for (const label of labels)
    for (const message of validateDns1123Label(label)) errors.push(fieldErrors.invalid(path, label, message));
}

function validateHints(errors: Errors, path: FieldPath, hints: discoveryv1.EndpointHints): void {
  const check = (field: 'forZones' | 'forNodes', names: readonly string[], most: number): boolean => {
    const listPath = path.child(field);
    if (names.length > most) {
      errors.push(fieldErrors.tooMany(listPath, names.length, most));
      return false;
    }
    const seen = new Set<string>();
    for (const [index, name] of names.entries()) {
      const namePath = listPath.index(index).child('name');
      if (seen.has(name)) errors.push(fieldErrors.duplicate(namePath, name));
      else seen.add(name);
      checkText(errors, namePath, name, field === 'forZones' ? validateLabelValue : validateDns1123Subdomain);
    }
    return true;
  };
  const zones = (hints.forZones ?? []).map(({ name }) => name);
  const nodes = (hints.forNodes ?? []).map(({ name }) => name);
  if (check('forZones', zones, maxZoneHints)) check('forNodes', nodes, maxNodeHints);
}

function validatePorts(errors: Errors, ports: readonly discoveryv1.EndpointPort[]): void {
  const path = fieldPath('ports');
  if (ports.length > maxPorts) {
    errors.push(fieldErrors.tooMany(path, ports.length, maxPorts));
    return;
  }
  const names = new Set<string>();
  for (const [index, port] of ports.entries()) {
    const portPath = path.index(index);
    const name = port.name ?? '';
    if (name !== '') checkText(errors, portPath.child('name'), name, validateDns1123Label);
    if (names.has(name)) errors.push(fieldErrors.duplicate(portPath.child('name'), name));
    names.add(name);
    if (port.protocol === undefined) errors.push(fieldErrors.required(portPath.child('protocol')));
    else if (!portProtocols.includes(port.protocol))
      errors.push(fieldErrors.notSupported(portPath.child('protocol'), port.protocol, portProtocols));
    if (port.appProtocol !== undefined)
      checkText(errors, portPath.child('appProtocol'), port.appProtocol, validateQualifiedName);
  }
}
