import { type FieldPath, fieldErrors, validateIp } from '@reckon/api/machinery';
import type { Errors } from '../../field-checks';
import { canonicalAddress } from './service/address-range';

/**
 * ValidateNonSpecialIP: addresses that mean something only to the machine that uses them must not be endpoints, or a
 * pod could send traffic of others to its node.
 */
export function checkNotSpecialAddress(errors: Errors, path: FieldPath, ip: string): void {
  if (validateIp(ip).length > 0) {
    errors.push(fieldErrors.invalid(path, ip, 'must be a valid IP address'));
    return;
  }
  const special = specialRange(canonicalAddress(ip), ip);
  if (special !== undefined) errors.push(fieldErrors.invalid(path, ip, special));
}

function specialRange(address: string, asGiven: string): string | undefined {
  const v6 = address.includes(':');
  const firstGroup = v6 ? parseInt(address.split(':')[0] || '0', 16) : 0;
  if (address === '0.0.0.0' || address === '::') return `may not be unspecified (${asGiven})`;
  if (address === '::1' || address.startsWith('127.')) return 'may not be in the loopback range (127.0.0.0/8, ::1/128)';
  if (address.startsWith('169.254.') || (v6 && (firstGroup & 0xffc0) === 0xfe80))
    return 'may not be in the link-local range (169.254.0.0/16, fe80::/10)';
  if (address.startsWith('224.0.0.') || (v6 && (firstGroup & 0xff0f) === 0xff02))
    return 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)';
  return undefined;
}
