import {
  type FieldPath,
  cidrText,
  goQuote,
  ipText,
  networkSize,
  parseCidr,
  parseIp,
  validateCidr,
  validateIp,
} from '@reckon/api/machinery';

/** A decimal number with a leading zero, which some readers take for an octal one. */
const leadingZero = /(?:^|[.:])0[0-9]+(?=[./]|$)/;

/** IPv6 groups may begin with zeros; the parts of a dotted address may not. */
const hasLeadingZeros = (address: string): boolean =>
  address.includes('.') && leadingZero.test(address.slice(address.lastIndexOf(':') + 1));

const isMapped = (address: string): boolean => address.includes(':') && parseIp(address)?.family === 4;

/** validation.IsValidIPForLegacyField: as strict as can be, but for what an object already has. */
export function legacyIpMessages(value: string, existing: readonly string[] = []): string[] {
  if (existing.includes(value)) return [];
  const messages = validateIp(value);
  if (messages.length > 0) return messages;
  if (hasLeadingZeros(value)) return ['must not have leading 0s'];
  return isMapped(value) ? ['must not be an IPv4-mapped IPv6 address'] : [];
}

/** validation.IsValidIP: besides, one spelling per address. */
export function canonicalIpMessages(value: string): string[] {
  const messages = legacyIpMessages(value);
  const ip = parseIp(value);
  if (messages.length > 0 || ip === undefined) return messages;
  const canonical = ipText(ip);
  return value === canonical ? [] : [`must be in canonical form (${goQuote(canonical)})`];
}

/** validation.IsValidCIDRForLegacyField. */
export function legacyCidrMessages(value: string, existing: readonly string[] = []): string[] {
  if (existing.includes(value)) return [];
  const messages = validateCidr(value);
  const cidr = parseCidr(value);
  if (messages.length > 0 || cidr === undefined) return messages;
  const [address = '', length = ''] = value.split('/');
  if (hasLeadingZeros(address) || /^0[0-9]/.test(length)) return ['must not have leading 0s in IP or prefix length'];
  if (isMapped(address)) return ['must not have an IPv4-mapped IPv6 address'];
  return cidr.ip.value === cidr.network.address.value ? [] : ['must not have bits set beyond the prefix length'];
}

/** validation.IsValidCIDR. */
export function canonicalCidrMessages(value: string): string[] {
  const messages = legacyCidrMessages(value);
  const cidr = parseCidr(value);
  if (messages.length > 0 || cidr === undefined) return messages;
  const canonical = cidrText(cidr.network);
  return value === canonical ? [] : [`must be in canonical form (${goQuote(canonical)})`];
}

/** validation.GetWarningsForIP. */
export function ipWarnings(path: FieldPath, value: string): string[] {
  const ip = parseIp(value);
  if (ip === undefined) return [];
  const canonical = goQuote(ipText(ip));
  const shown = `${path.toString()}: `;
  if (hasLeadingZeros(value) || isMapped(value))
    return [
      `${shown}non-standard IP address ${goQuote(value)} will be considered invalid in a future Kubernetes release: use ${canonical}`,
    ];
  if (ip.family === 6 && goQuote(value) !== canonical)
    return [`${shown}IPv6 address ${goQuote(value)} should be in RFC 5952 canonical format (${canonical})`];
  return [];
}

/** validation.GetWarningsForCIDR. */
export function cidrWarnings(path: FieldPath, value: string): string[] {
  const cidr = parseCidr(value);
  if (cidr === undefined) return [];
  const warnings: string[] = [];
  const network = goQuote(cidrText(cidr.network));
  const shown = `${path.toString()}: `;
  if (cidr.ip.value !== cidr.network.address.value) {
    const single = goQuote(`${ipText(cidr.ip)}/${cidr.ip.family === 4 ? '32' : '128'}`);
    warnings.push(
      `${shown}CIDR value ${goQuote(value)} is ambiguous in this context (should be ${network} or ${single}?)`,
    );
  }
  const [address = '', length = ''] = value.split('/');
  if (hasLeadingZeros(address) || /^0[0-9]/.test(length) || isMapped(address))
    warnings.push(
      `${shown}non-standard CIDR value ${goQuote(value)} will be considered invalid in a future Kubernetes release: use ${network}`,
    );
  if (warnings.length === 0 && cidr.ip.family === 6 && goQuote(value) !== network)
    warnings.push(`${shown}IPv6 CIDR value ${goQuote(value)} should be in RFC 5952 canonical format (${network})`);
  return warnings;
}

/** Whether `inner` is a part of `outer` and not all of it; what cannot be read is in nothing. */
export function isStrictSubnet(inner: string, outer: string): boolean {
  const [part, whole] = [parseCidr(inner)?.network, parseCidr(outer)?.network];
  if (part === undefined || whole?.address.family !== part.address.family) return false;
  const offset = part.address.value - whole.address.value;
  return whole.prefixLength < part.prefixLength && offset >= 0n && offset < networkSize(whole);
}
