import { addressAt, type IpNetwork, ipText, networkSize, parseCidr, parseIp } from '@reckon/api/machinery';
import type { Random } from '@reckon/kernel';
import type { IpFamily } from './service-type';

/** Addresses beyond this are never tried: a service network of IPv6 is as good as endless. */
const largestSize = 2n ** 40n;

/** What is taken, however that is known. */
export type Taken = Pick<ReadonlySet<string>, 'has'>;

/** One less than any random number needs to be. */
const largestStart = 2 ** 31;

/**
 * The addresses of one service network. The lower band (up to 256) is left to those who choose an address themselves:
 * the server picks from the upper band first (KEP-3070, calculateRangeOffset).
 */
export class AddressRange {
  readonly family: IpFamily;
  private readonly network: IpNetwork;
  /** Usable addresses: neither the network's own nor, for IPv4, the broadcast address. */
  private readonly size: number;
  private readonly staticBand: number;

  /** Throws when `cidr` is none. */
  constructor(readonly cidr: string) {
    const parsed = parseCidr(cidr);
    if (parsed === undefined) throw new TypeError(`not a network in CIDR notation: ${cidr}`);
    this.network = parsed.network;
    this.family = parsed.network.address.family === 4 ? 'IPv4' : 'IPv6';
    const total = networkSize(this.network);
    const usable = total - (this.family === 'IPv4' ? 2n : 1n);
    this.size = Number(usable > largestSize ? largestSize : usable);
    this.staticBand = total <= 16n ? 0 : Math.min(Math.max(16, Math.floor(Number(total) / 16)), 256);
  }

  /** The `n`th usable address; 0 is the one that the `kubernetes` service gets. */
  address(n: number): string {
    return ipText(addressAt(this.network, BigInt(n) + 1n));
  }

  contains(ip: string): boolean {
    const parsed = parseIp(ip);
    if (parsed?.family !== this.network.address.family) return false;
    const offset = parsed.value - this.network.address.value - 1n;
    return offset >= 0n && offset < BigInt(this.size);
  }

  /** A free address, from a random place of the upper band on, then of the lower; undefined when all are taken. */
  pick(taken: Taken, random: Random): string | undefined {
    return this.search(this.staticBand, this.size, taken, random) ?? this.search(0, this.staticBand, taken, random);
  }

  private search(from: number, to: number, taken: Taken, random: Random): string | undefined {
    const count = to - from;
    if (count <= 0) return undefined;
    const start = random.int(Math.min(count, largestStart));
    for (let i = 0; i < count; i++) {
      const ip = this.address(from + ((start + i) % count));
      if (!taken.has(ip)) return ip;
    }
    return undefined;
  }
}

/** One spelling per address, so that taken addresses can be compared as texts; what is no address stays as it is. */
export function canonicalAddress(ip: string): string {
  const parsed = parseIp(ip);
  return parsed === undefined ? ip : ipText(parsed);
}
