import type { TextRule } from './validation-message';

/** An address as its 4 or 16 bytes; an IPv4-mapped IPv6 address is the IPv4 address, as in Go's `net.IP`. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly value: bigint;
}

export interface IpNetwork {
  /** With the host bits cleared. */
  readonly address: IpAddress;
  readonly prefixLength: number;
}

/** netutils.ParseIPSloppy: IPv4 parts may have leading zeros (read as decimal); no zones. */
export function parseIp(text: string): IpAddress | undefined {
  if (text.includes(':')) {
    const value = parseIpv6(text);
    if (value === undefined) return undefined;
    return value >> 32n === 0xffffn ? { family: 4, value: value & 0xffffffffn } : { family: 6, value };
  }
  const value = parseIpv4(text);
  return value === undefined ? undefined : { family: 4, value };
}

function parseIpv4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0n;
  for (const part of parts) {
    if (!/^[0-9]{1,16}$/.test(part) || Number(part) > 255) return undefined;
    value = (value << 8n) | BigInt(part);
  }
  return value;
}

function parseIpv6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = ipv6Groups(halves[0] ?? '', halves.length === 1);
  const tail = halves.length === 2 ? ipv6Groups(halves[1] ?? '', true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  let value = 0n;
  for (const group of [...head, ...Array<number>(missing).fill(0), ...tail]) value = (value << 16n) | BigInt(group);
  return value;
}

/** The groups of one side of `::`; the last may be a dotted IPv4 address where the text ends there. */
function ipv6Groups(text: string, mayEndDotted: boolean): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    if (part.includes('.')) {
      const dotted = mayEndDotted && i === parts.length - 1 ? parseIpv4(part) : undefined;
      if (dotted === undefined) return undefined;
      groups.push(Number(dotted >> 16n), Number(dotted & 0xffffn));
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

/** The canonical text: dotted, or RFC 5952. */
export function ipText({ family, value }: IpAddress): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 0xffn)).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16));
  // The first longest run of at least two zero groups becomes `::`.
  let best = { start: 0, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (groups[start + length] === '0') length++;
    if (length > best.length) best = { start, length };
  }
  if (best.length < 2) return groups.join(':');
  return `${groups.slice(0, best.start).join(':')}::${groups.slice(best.start + best.length).join(':')}`;
}

const bits = (family: 4 | 6): number => (family === 4 ? 32 : 128);

/** netutils.ParseCIDRSloppy; `ip` is the address as written, `network` has its host bits cleared. */
export function parseCidr(text: string): { readonly ip: IpAddress; readonly network: IpNetwork } | undefined {
  const slash = text.indexOf('/');
  if (slash < 0) return undefined;
  const ip = parseIp(text.slice(0, slash));
  const lengthText = text.slice(slash + 1);
  if (ip === undefined || !/^[0-9]{1,7}$/.test(lengthText)) return undefined;
  // The length counts the bits of what was written, so an IPv4-mapped address has 96 more.
  const isMapped = ip.family === 4 && text.includes(':');
  const length = Number(lengthText) - (isMapped ? 96 : 0);
  if (length < 0 || length > bits(ip.family)) return undefined;
  const hostBits = BigInt(bits(ip.family) - length);
  return {
    ip,
    network: { address: { family: ip.family, value: (ip.value >> hostBits) << hostBits }, prefixLength: length },
  };
}

export const cidrText = ({ address, prefixLength }: IpNetwork): string => `${ipText(address)}/${String(prefixLength)}`;

export function networkContains(network: IpNetwork, ip: IpAddress): boolean {
  if (network.address.family !== ip.family) return false;
  const hostBits = BigInt(bits(ip.family) - network.prefixLength);
  return ip.value >> hostBits === network.address.value >> hostBits;
}

/** How many addresses a network has, its first and last included. */
export const networkSize = (network: IpNetwork): bigint =>
  1n << BigInt(bits(network.address.family) - network.prefixLength);

/** The address `offset` after the network's first; the caller keeps it inside. */
export const addressAt = (network: IpNetwork, offset: bigint): IpAddress => ({
  family: network.address.family,
  value: network.address.value + offset,
});

/** validation.IsValidIP. */
export const validateIp: TextRule = (value) =>
  parseIp(value) === undefined ? ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'] : [];

export const validateIpv4: TextRule = (value) => (parseIp(value)?.family === 4 ? [] : ['must be a valid IPv4 address']);

export const validateIpv6: TextRule = (value) => (parseIp(value)?.family === 6 ? [] : ['must be a valid IPv6 address']);

/** validation.IsValidCIDR. */
export const validateCidr: TextRule = (value) =>
  parseCidr(value) === undefined ? ['must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'] : [];
