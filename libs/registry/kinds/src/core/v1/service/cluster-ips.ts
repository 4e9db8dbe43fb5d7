import { fieldErrors, fieldPath } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { checkText, type Errors } from '../../../field-checks';
import { legacyIpMessages } from '../../../networking/v1/ip-format';
import { familyOf, isHeadless } from './service-type';

type Spec = corev1.ServiceSpec;

const ipFamilies = ['IPv4', 'IPv6'];
const ipFamilyPolicies = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];

/** ValidateServiceClusterIPsRelatedFields: clusterIP, clusterIPs, ipFamilies and ipFamilyPolicy agree. Addresses of `old` may stay. */
export function validateClusterIps(spec: Spec, old: Spec | undefined): Errors {
  const errors: Errors = [];
  if (spec.type === 'ExternalName') return errors;
  const ips = spec.clusterIPs ?? [];
  const path = fieldPath('spec', 'clusterIPs');
  if (spec.clusterIP) {
    if (ips.length === 0) errors.push(fieldErrors.required(path));
    else if (ips[0] !== spec.clusterIP)
      errors.push(fieldErrors.invalid(path, ips, 'first value must match `clusterIP`'));
  } else if (ips.length > 0)
    errors.push(fieldErrors.invalid(path, ips, 'must be empty when `clusterIP` is not specified'));
  validateFamilies(errors, spec);
  if (!validateAddresses(errors, ips, old?.clusterIPs ?? [])) return errors;
  if (ips.length > 1 && new Set(ips.map(familyOf)).size < 2)
    errors.push(fieldErrors.invalid(path, ips, 'may specify no more than one IP for each IP family'));
  if (!isHeadless(spec))
    for (const [index, family] of (spec.ipFamilies ?? []).entries()) {
      const ip = ips[index];
      if (ip !== undefined && ipFamilies.includes(family) && familyOf(ip) !== family)
        errors.push(
          fieldErrors.invalid(
            path.index(index),
            ip,
            `expected an ${family} value as indicated by \`ipFamilies[${String(index)}]\``,
          ),
        );
    }
  return errors;
}

function validateFamilies(errors: Errors, spec: Spec): void {
  const seen = new Set<string>();
  for (const [index, family] of (spec.ipFamilies ?? []).entries()) {
    const path = fieldPath('spec', 'ipFamilies').index(index);
    if (!ipFamilies.includes(family)) errors.push(fieldErrors.notSupported(path, family, ipFamilies));
    if (seen.has(family)) errors.push(fieldErrors.duplicate(path, family));
    seen.add(family);
  }
  const policy = spec.ipFamilyPolicy;
  if (policy !== undefined && !ipFamilyPolicies.includes(policy))
    errors.push(fieldErrors.notSupported(fieldPath('spec', 'ipFamilyPolicy'), policy, ipFamilyPolicies));
}

/** False when an address is so wrong that nothing more can be said of them. */
function validateAddresses(errors: Errors, ips: readonly string[], existing: readonly string[]): boolean {
  const path = fieldPath('spec', 'clusterIPs');
  let good = true;
  for (const [index, ip] of ips.entries()) {
    if (index === 0 && ip === 'None') {
      if (ips.length > 1) {
        good = false;
        errors.push(fieldErrors.invalid(path, ips, "'None' must be the first and only value"));
      }
      continue;
    }
    const before = errors.length;
    checkText(errors, path.index(index), ip, (text) => legacyIpMessages(text, existing));
    if (errors.length > before) good = false;
  }
  if (ips.length > 2) errors.push(fieldErrors.invalid(path, ips, 'may only hold up to 2 values'));
  return good;
}

/**
 * validateUpgradeDowngradeClusterIPs: an address, once given, stays; only the second may come and go. That it goes
 * with a policy that says so, and the first never, is settled before (`ip-families.ts`, `linked-fields.ts`).
 */
export function validateClusterIpsUpdate(errors: Errors, spec: Spec, old: Spec): void {
  if (spec.type === 'ExternalName' || old.type === 'ExternalName') return;
  if (isHeadless(old) && isHeadless(spec)) return;
  const before = old.clusterIPs ?? [];
  const now = spec.clusterIPs ?? [];
  for (const [index, ip] of now.entries())
    if (index < before.length && ip !== before[index])
      errors.push(fieldErrors.invalid(fieldPath('spec', 'clusterIPs').index(index), now, 'may not change once set'));
}

/** validateUpgradeDowngradeIPFamilies: the same for families, except that a headless service may change its own. */
export function validateIpFamiliesUpdate(errors: Errors, spec: Spec, old: Spec): void {
  if (spec.type === 'ExternalName' || old.type === 'ExternalName') return;
  if (isHeadless(spec) || isHeadless(old)) return;
  const before = old.ipFamilies ?? [];
  const now = spec.ipFamilies ?? [];
  // Upstream shows the addresses where the number of families changes.
  const shown = before.length === now.length ? now : spec.clusterIPs;
  for (const [index, family] of now.entries())
    if (index < before.length && family !== before[index])
      errors.push(fieldErrors.invalid(fieldPath('spec', 'ipFamilies').index(0), shown, 'may not change once set'));
}
