import {
  type FieldPath,
  fieldErrors,
  fieldPath,
  goQuote,
  nameIsDnsLabel,
  nameIsDnsSubdomain,
  parseCidr,
  validateConfigKey,
} from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { byteLength, checkText, type Errors } from '../../../field-checks';
import { legacyCidrMessages } from '../../../networking/v1/ip-format';
import { validateNodeAnnotations } from '../alpha-annotations';
import { checkResourceQuantity } from '../resource-checks';
import { familyOf } from '../service/service-type';
import { validateTaints } from './taints';

const podCidrsFixed = 'node updates may not change podCIDR except from "" to valid';

/** ValidateNode. */
export function validateNode(errors: Errors, node: corev1.Node): Errors {
  const spec = node.spec ?? {};
  validateNodeAnnotations(errors, fieldPath('metadata', 'annotations'), node.metadata.annotations ?? {});
  // Upstream reports taints under the metadata.
  validateTaints(errors, fieldPath('metadata', 'taints'), spec.taints ?? []);
  validateNodeResources(errors, node);
  const swap = node.status?.nodeInfo?.swap?.capacity;
  if (swap !== undefined && swap <= 0)
    errors.push(
      fieldErrors.invalid(fieldPath('metadata', 'nodeSwapStatus', 'capacity'), swap, 'must be greater than zero'),
    );
  validateDeclaredFeatures(errors, node);
  validatePodCidrs(errors, spec.podCIDRs ?? []);
  return errors;
}

function validateNodeResources(errors: Errors, node: corev1.Node): void {
  for (const field of ['capacity', 'allocatable'] as const) {
    const list = node.status?.[field] ?? {};
    for (const name of Object.keys(list))
      checkResourceQuantity(errors, fieldPath('status', field, name), name, list[name] ?? '0');
  }
}

function validatePodCidrs(errors: Errors, cidrs: readonly string[]): void {
  const path = fieldPath('spec', 'podCIDRs');
  for (const [index, cidr] of cidrs.entries())
    checkText(errors, path.index(index), cidr, (text) => legacyCidrMessages(text));
  if (cidrs.length < 2) return;
  const wrong = cidrs.findIndex((cidr) => parseCidr(cidr) === undefined);
  if (wrong >= 0)
    errors.push(
      fieldErrors.internal(
        path,
        `invalid PodCIDRs. failed to check with dual stack with error:invalid CIDR[${String(wrong)}]: <nil> (invalid CIDR address: ${cidrs[wrong] ?? ''})`,
      ),
    );
  if (wrong >= 0 || new Set(cidrs.map(familyOf)).size < 2 || cidrs.length > 2)
    errors.push(fieldErrors.invalid(path, cidrs, 'may specify no more than one CIDR for each IP family'));
  const seen = new Set<string>();
  for (const [index, cidr] of cidrs.entries()) {
    if (seen.has(cidr)) errors.push(fieldErrors.duplicate(path.index(index), cidr));
    seen.add(cidr);
  }
}

/** ValidateNodeUpdate. */
export function validateNodeUpdate(errors: Errors, node: corev1.Node, old: corev1.Node): Errors {
  const spec = node.spec ?? {};
  const before = old.spec ?? {};
  validateNodeAnnotations(errors, fieldPath('metadata', 'annotations'), node.metadata.annotations ?? {});
  validateNodeResources(errors, node);
  validateDeclaredFeatures(errors, node);
  validateAddresses(errors, node);
  const cidrs = before.podCIDRs ?? [];
  if (cidrs.length > 0) {
    const path = fieldPath('spec', 'podCIDRs');
    const now = spec.podCIDRs ?? [];
    if (cidrs.length !== now.length) errors.push(fieldErrors.forbidden(path, podCidrsFixed));
    else
      for (const [index, cidr] of cidrs.entries())
        if (cidr !== now[index]) errors.push(fieldErrors.forbidden(path, podCidrsFixed));
  }
  if (before.providerID && before.providerID !== spec.providerID)
    errors.push(
      fieldErrors.forbidden(
        fieldPath('spec', 'providerID'),
        'node updates may not change providerID except from "" to valid',
      ),
    );
  if (spec.configSource) validateConfigSource(errors, fieldPath('spec', 'configSource'), spec.configSource, false);
  const config = node.status?.config;
  for (const field of ['assigned', 'active', 'lastKnownGood'] as const) {
    const source = config?.[field];
    if (source) validateConfigSource(errors, fieldPath('status', 'config', field), source, true);
  }
  validateTaints(errors, fieldPath('metadata', 'taints'), spec.taints ?? []);
  if ((spec.externalID ?? '') !== (before.externalID ?? ''))
    errors.push(fieldErrors.forbidden(fieldPath('spec', 'externalID'), 'may not be updated'));
  return errors;
}

const featureName = /^[A-Z][a-zA-Z0-9]*(?:\/[a-zA-Z][a-zA-Z0-9]*)*$/;
const longestFeatureName = 253;

/** What a node says that it can do: names in order, each once. */
function validateDeclaredFeatures(errors: Errors, { status }: corev1.Node): void {
  const features = status?.declaredFeatures ?? [];
  const path = fieldPath('status', 'declaredFeatures');
  for (const [index, name] of features.entries()) {
    const problem =
      byteLength(name) > longestFeatureName
        ? `must be no more than ${String(longestFeatureName)} characters`
        : "must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes";
    if (byteLength(name) > longestFeatureName || !featureName.test(name))
      errors.push(fieldErrors.invalid(path.index(index), name, `invalid feature name ${goQuote(name)}: ${problem}`));
    const next = features[index + 1];
    if (next === undefined) continue;
    const nextPath = path.index(index + 1);
    if (name === next) errors.push(fieldErrors.duplicate(nextPath, next));
    else if (name > next) errors.push(fieldErrors.invalid(nextPath, next, 'list must be sorted alphabetically'));
  }
}

function validateAddresses(errors: Errors, node: corev1.Node): void {
  const seen = new Set<string>();
  for (const [index, { type, address }] of (node.status?.addresses ?? []).entries()) {
    const pair = `${type}\n${address}`;
    if (seen.has(pair))
      errors.push(
        fieldErrors.duplicate(fieldPath('status', 'addresses').index(index), { Type: type, Address: address }),
      );
    seen.add(pair);
  }
}

/** Kubelets no longer read their configuration from here; the rules stay for objects that have it. */
function validateConfigSource(
  errors: Errors,
  path: FieldPath,
  source: corev1.NodeConfigSource,
  reported: boolean,
): void {
  const map = source.configMap;
  if (!map) {
    errors.push(fieldErrors.invalid(path, { ConfigMap: null }, 'exactly one reference subfield must be non-nil'));
    return;
  }
  const mapPath = path.child('configMap');
  for (const field of ['uid', 'resourceVersion'] as const) {
    if (reported && !map[field])
      errors.push(fieldErrors.required(mapPath.child(field), `${field} must be set in status`));
    if (!reported && map[field])
      errors.push(fieldErrors.forbidden(mapPath.child(field), `${field} must not be set in spec`));
  }
  if (!map.namespace) errors.push(fieldErrors.required(mapPath.child('namespace'), 'namespace must be set'));
  else checkText(errors, mapPath.child('namespace'), map.namespace, (name) => nameIsDnsLabel(name, 'name'));
  if (!map.name) errors.push(fieldErrors.required(mapPath.child('name'), 'name must be set'));
  else checkText(errors, mapPath.child('name'), map.name, (name) => nameIsDnsSubdomain(name, 'name'));
  if (!map.kubeletConfigKey)
    errors.push(fieldErrors.required(mapPath.child('kubeletConfigKey'), 'kubeletConfigKey must be set'));
  else checkText(errors, mapPath.child('kubeletConfigKey'), map.kubeletConfigKey, validateConfigKey);
}
