import { seededRandom } from '@reckon/kernel';
import { describe, expect, it } from 'vitest';
import { AddressRange, canonicalAddress } from './address-range';
import { PortRange } from './port-range';

describe('AddressRange', () => {
  it.each([
    ['10.0.0.0/24', 'IPv4', '10.0.0.1', '10.0.0.254'],
    ['10.96.0.0/12', 'IPv4', '10.96.0.1', '10.111.255.254'],
    ['fd00::/120', 'IPv6', 'fd00::1', 'fd00::ff'],
  ])('%s leaves out the addresses of the network itself', (cidr, family, first, last) => {
    const range = new AddressRange(cidr);
    expect(range.family).toBe(family);
    expect(range.address(0)).toBe(first);
    expect(range.contains(first)).toBe(true);
    expect(range.contains(last)).toBe(true);
  });

  it.each(['10.0.0.0', '10.0.0.255', '10.0.1.1', 'fd00::1', 'x'])('10.0.0.0/24 has no %s', (ip) => {
    expect(new AddressRange('10.0.0.0/24').contains(ip)).toBe(false);
  });

  it('gives every address once', () => {
    const range = new AddressRange('10.0.0.0/26');
    const taken = new Set<string>();
    const random = seededRandom(3);
    for (let ip = range.pick(taken, random); ip !== undefined; ip = range.pick(taken, random)) taken.add(ip);
    expect(taken.size).toBe(62);
  });

  it('manages a network that is as good as endless', () => {
    expect(new AddressRange('fd00::/64').pick(new Set(), seededRandom(1))).toMatch(/^fd00::/);
  });

  it('takes networks only', () => {
    expect(() => new AddressRange('10.0.0.1')).toThrow('not a network in CIDR notation: 10.0.0.1');
  });
});

describe('canonicalAddress', () => {
  it.each([
    ['FD00:0::1', 'fd00::1'],
    ['10.0.0.1', '10.0.0.1'],
    ['None', 'None'],
  ])('of %s is %s', (ip, expected) => {
    expect(canonicalAddress(ip)).toBe(expected);
  });
});

describe('PortRange', () => {
  it('gives every port once, the lower band last', () => {
    const range = new PortRange(100, 163);
    const taken = new Set<number>();
    const random = seededRandom(3);
    const order: number[] = [];
    for (let port = range.pick(taken, random); port !== undefined; port = range.pick(taken, random)) {
      taken.add(port);
      order.push(port);
    }
    expect(taken.size).toBe(64);
    expect(Math.min(...order.slice(0, 48))).toBe(116);
    expect(range.contains(163)).toBe(true);
    expect(range.contains(164)).toBe(false);
  });
});
