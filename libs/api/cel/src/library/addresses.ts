import { goQuote, type IpAddress, ipText, parseIp } from '@reckon/api/machinery';
import { callCosts, traversalFactor } from '../evaluate/call-cost';
import type { CelCall, CelFunctionTable } from '../evaluate/cel-run';
import { CelError, CelLibraryValue, type CelValue, noOverload } from '../value/cel-value';
import { stringCost, textOfValue } from './conversions';

class CelIp extends CelLibraryValue {
  readonly typeName = 'net.IP';

  constructor(readonly address: IpAddress) {
    super();
  }

  equals(other: unknown): boolean {
    return (
      other instanceof CelIp &&
      other.address.family === this.address.family &&
      other.address.value === this.address.value
    );
  }
}

/** The address as it was written, with its host bits. */
class CelCidr extends CelLibraryValue {
  readonly typeName = 'net.CIDR';

  constructor(
    readonly address: IpAddress,
    readonly prefixLength: number,
  ) {
    super();
  }

  equals(other: unknown): boolean {
    return (
      other instanceof CelCidr &&
      other.address.family === this.address.family &&
      other.address.value === this.address.value &&
      other.prefixLength === this.prefixLength
    );
  }
}

const bitsOf = (family: 4 | 6): number => (family === 4 ? 32 : 128);

/** The bits that the network is told by. */
const networkBits = ({ family, value }: IpAddress, length: number): bigint => value >> BigInt(bitsOf(family) - length);

/** Go's `netip.ParseAddr`, in its words; stricter than what the rest of the API takes. */
function parseAddress(text: string): IpAddress | string {
  const refusal = (why: string): string => `ParseAddr(${goQuote(text)}): ${why}`;
  const separator = /[.:%]/.exec(text)?.[0];
  if (separator === undefined) return refusal('unable to parse IP');
  if (separator === '%') return refusal('missing IPv6 address');
  if (separator === '.') {
    const problem = dottedProblem(text);
    if (problem !== undefined) return refusal(problem);
  }
  return parseIp(text) ?? refusal(colonProblem(text));
}

function dottedProblem(text: string): string | undefined {
  if (/[^0-9.]/.test(text)) return 'unexpected character' + atPlace(text, /[^0-9.]/);
  const parts = text.split('.');
  if (parts.includes('')) return 'IPv4 field must have at least one digit' + atEmpty(parts);
  if (parts.some((part) => part.length > 1 && part.startsWith('0'))) return 'IPv4 field has octet with leading zero';
  if (parts.some((part) => part.length > 3 || Number(part) > 255)) return 'IPv4 field has value >255';
  if (parts.length > 4) return 'IPv4 address too long';
  return parts.length < 4 ? 'IPv4 address too short' : undefined;
}

const atPlace = (text: string, pattern: RegExp): string => ` (at ${goQuote(text.slice(text.search(pattern)))})`;
const atEmpty = (parts: readonly string[]): string => {
  const rest = parts.slice(parts.indexOf('')).join('.');
  return rest === '' ? '' : ` (at ${goQuote(rest)})`;
};

function colonProblem(text: string): string {
  const third = text.indexOf(':::');
  if (third >= 0)
    return `each colon-separated field must have at least one digit (at ${goQuote(text.slice(third + 2))})`;
  if (text.split('::').length > 2) return 'multiple :: in address';
  const groups = text.split(':');
  const bad = groups.find((group) => !/^[0-9a-fA-F]*$/.test(group) && !group.includes('.'));
  if (bad !== undefined) return `unexpected character, want colon${atPlace(text, /[^0-9a-fA-F:.]/)}`;
  const long = groups.find((group) => group.length > 4 && !group.includes('.'));
  if (long !== undefined)
    return `each group must have 4 or less digits (at ${goQuote(text.slice(text.indexOf(long)))})`;
  if (groups.some((group) => group.includes('.') && dottedProblem(group) !== undefined))
    return 'embedded IPv4 address must replace the final 2 fields of the address';
  return groups.length > 8 ? 'trailing garbage after address' : 'address string too short';
}

const isMapped = (text: string, { family }: IpAddress): boolean => family === 4 && text.includes(':');

function ipOf(text: string): CelIp | CelError {
  const [plain = '', zone] = text.split('%', 2);
  const address = parseAddress(zone === undefined || !plain.includes(':') ? text : plain);
  if (typeof address === 'string')
    return new CelError(`IP Address ${goQuote(text)} parse error during conversion from string: ${address}`);
  if (zone !== undefined) return new CelError(`IP address ${goQuote(text)} with zone value is not allowed`);
  return isMapped(text, address)
    ? new CelError(`IPv4-mapped IPv6 address ${goQuote(text)} is not allowed`)
    : new CelIp(address);
}

function cidrOf(text: string): CelCidr | CelError {
  const failed = (why: string): CelError =>
    new CelError(`network address parse error during conversion from string: ${why}`);
  const refused = (why: string): CelError =>
    failed(`network address parse error during conversion from string: netip.ParsePrefix(${goQuote(text)}): ${why}`);
  const slash = text.lastIndexOf('/');
  if (slash < 0) return refused(`no '/'`);
  const address = parseAddress(text.slice(0, slash));
  if (typeof address === 'string') return refused(address);
  if (text.includes('%')) return refused('IPv6 zones cannot be present in a prefix');
  const bits = text.slice(slash + 1);
  if (!/^(?:0|[1-9][0-9]{0,2})$/.test(bits)) return refused(`bad bits after slash: ${goQuote(bits)}`);
  const mapped = isMapped(text, address);
  if (Number(bits) > (mapped ? 128 : bitsOf(address.family))) return refused('prefix length out of range');
  return mapped
    ? failed(`IPv4-mapped IPv6 address ${goQuote(text)} is not allowed`)
    : new CelCidr(address, Number(bits));
}

const onIp =
  (call: (address: IpAddress) => CelValue): CelCall =>
  ([ip]) =>
    ip instanceof CelIp ? call(ip.address) : undefined;

/** Whether an address begins with these bits; of one family each. */
const inNetwork =
  (four: readonly [bigint, number] | undefined, six: readonly [bigint, number]) =>
  (address: IpAddress): boolean => {
    const network = address.family === 4 ? four : six;
    return network !== undefined && networkBits(address, network[1]) === network[0];
  };

const isUnspecified = ({ value }: IpAddress): boolean => value === 0n;
const isLoopback = inNetwork([127n, 8], [1n, 128]);
const isMulticast = inNetwork([0xen, 4], [0xffn, 8]);
const isLinkLocalUnicast = inNetwork([(169n << 8n) | 254n, 16], [0xfe80n >> 6n, 10]);
/** `224.0.0.0/24`, and `ff02::/16` with any flags. */
const isLinkLocalMulticast = (address: IpAddress): boolean =>
  address.family === 4
    ? networkBits(address, 24) === 0xe00000n
    : isMulticast(address) && (networkBits(address, 16) & 0xfn) === 2n;
const isGlobalUnicast = (address: IpAddress): boolean =>
  !isUnspecified(address) &&
  !isLoopback(address) &&
  !isMulticast(address) &&
  !isLinkLocalUnicast(address) &&
  !(address.family === 4 && address.value === 0xffffffffn);

function containsIp([cidr, other]: readonly CelValue[]): CelValue | undefined {
  if (!(cidr instanceof CelCidr)) return undefined;
  const ip = typeof other === 'string' ? ipOf(other) : other;
  // Upstream loses why the text is no address.
  if (ip instanceof CelError) return typeof other === 'string' ? noOverload : ip;
  return ip instanceof CelIp ? isWithin(cidr, ip.address) : undefined;
}

function containsCidr([cidr, other]: readonly CelValue[]): CelValue | undefined {
  if (!(cidr instanceof CelCidr)) return undefined;
  const inner = typeof other === 'string' ? cidrOf(other) : other;
  if (inner instanceof CelError) return inner;
  if (!(inner instanceof CelCidr)) return undefined;
  return isWithin(cidr, inner.address) && cidr.prefixLength <= inner.prefixLength;
}

const isWithin = (cidr: CelCidr, address: IpAddress): boolean =>
  cidr.address.family === address.family &&
  networkBits(cidr.address, cidr.prefixLength) === networkBits(address, cidr.prefixLength);

function masked({ address, prefixLength }: CelCidr): CelCidr {
  const host = BigInt(bitsOf(address.family) - prefixLength);
  return new CelCidr({ family: address.family, value: (address.value >> host) << host }, prefixLength);
}

const cidrText = ({ address, prefixLength }: CelCidr): string => `${ipText(address)}/${String(prefixLength)}`;

const parsed = (read: (text: string) => CelValue): CelCall => {
  return ([text]) => (typeof text === 'string' ? read(text) : undefined);
};

/** What comparing as many bytes as tell the network is charged, and reading the other first where it is a text. */
function containsCost([cidr, other]: readonly CelValue[]): number {
  if (!(cidr instanceof CelCidr)) return 1;
  return (
    Math.ceil(networkBytes(cidr) * 2 * traversalFactor) + (typeof other === 'string' ? callCosts.traverse([other]) : 0)
  );
}

const networkBytes = ({ prefixLength }: CelCidr): number => Math.ceil(prefixLength / 8);

/** apiserver/pkg/cel/library `IP`, `CIDR`. */
export const addressFunctions: CelFunctionTable = {
  string: {
    run: ([value = null]) => {
      if (value instanceof CelIp) return ipText(value.address);
      return value instanceof CelCidr ? cidrText(value) : textOfValue(value);
    },
    cost: stringCost,
  },
  ip: {
    run: ([value]) => {
      if (value instanceof CelCidr) return new CelIp(value.address);
      return typeof value === 'string' ? ipOf(value) : undefined;
    },
    cost: callCosts.traverse,
  },
  isIP: { run: parsed((text) => ipOf(text) instanceof CelIp), cost: callCosts.traverse },
  'ip.isCanonical': {
    run: parsed((text) => {
      const ip = ipOf(text);
      return ip instanceof CelIp ? ipText(ip.address) === text : ip;
    }),
    cost: callCosts.rebuild,
  },
  family: onIp(({ family }) => BigInt(family)),
  isUnspecified: onIp(isUnspecified),
  isLoopback: onIp(isLoopback),
  isLinkLocalMulticast: onIp(isLinkLocalMulticast),
  isLinkLocalUnicast: onIp(isLinkLocalUnicast),
  isGlobalUnicast: onIp(isGlobalUnicast),
  cidr: { run: parsed(cidrOf), cost: callCosts.traverse },
  isCIDR: { run: parsed((text) => cidrOf(text) instanceof CelCidr), cost: callCosts.traverse },
  containsIP: { run: containsIp, cost: containsCost },
  containsCIDR: {
    run: containsCidr,
    cost: (values) => {
      const [cidr] = values;
      const masking = cidr instanceof CelCidr ? Math.ceil(networkBytes(cidr) * traversalFactor) + 1 : 1;
      return containsCost(values) + masking;
    },
  },
  masked: ([cidr]) => (cidr instanceof CelCidr ? masked(cidr) : undefined),
  prefixLength: ([cidr]) => (cidr instanceof CelCidr ? BigInt(cidr.prefixLength) : undefined),
};
