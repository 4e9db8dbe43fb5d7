import { fieldPath } from '@reckon/api/machinery';
import { describe, expect, it } from 'vitest';
import {
  canonicalCidrMessages,
  canonicalIpMessages,
  cidrWarnings,
  ipWarnings,
  isStrictSubnet,
  legacyCidrMessages,
  legacyIpMessages,
} from './ip-format';

const noAddress = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
const noNetwork = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

describe('addresses', () => {
  it.each<[string, string[], string[]]>([
    ['10.0.0.1', [], []],
    ['0.0.0.0', [], []],
    ['fd00::1', [], []],
    ['x', [noAddress], [noAddress]],
    ['10.0.0.010', ['must not have leading 0s'], ['must not have leading 0s']],
    ['::ffff:10.0.0.01', ['must not have leading 0s'], ['must not have leading 0s']],
    ['::ffff:10.0.0.1', ['must not be an IPv4-mapped IPv6 address'], ['must not be an IPv4-mapped IPv6 address']],
    ['FD00:0::1', [], ['must be in canonical form ("fd00::1")']],
  ])('%s', (ip, legacy, canonical) => {
    expect(legacyIpMessages(ip)).toEqual(legacy);
    expect(legacyIpMessages(ip, [ip])).toEqual([]);
    expect(canonicalIpMessages(ip)).toEqual(canonical);
  });

  it.each<[string, string[]]>([
    ['10.0.0.1', []],
    ['x', []],
    [
      '010.0.0.1',
      [
        'a: non-standard IP address "010.0.0.1" will be considered invalid in a future Kubernetes release: use "10.0.0.1"',
      ],
    ],
    ['FD00::1', ['a: IPv6 address "FD00::1" should be in RFC 5952 canonical format ("fd00::1")']],
  ])('%s warns', (ip, warnings) => {
    expect(ipWarnings(fieldPath('a'), ip)).toEqual(warnings);
  });
});

describe('networks', () => {
  const zeros = 'must not have leading 0s in IP or prefix length';
  const mapped = 'must not have an IPv4-mapped IPv6 address';
  const bits = 'must not have bits set beyond the prefix length';
  it.each<[string, string[], string[]]>([
    ['10.0.0.0/8', [], []],
    ['10.0.0.0', [noNetwork], [noNetwork]],
    ['010.0.0.0/8', [zeros], [zeros]],
    ['10.0.0.0/08', [zeros], [zeros]],
    ['::ffff:10.0.0.0/104', [mapped], [mapped]],
    ['10.0.0.1/8', [bits], [bits]],
    ['FD00::/64', [], ['must be in canonical form ("fd00::/64")']],
  ])('%s', (cidr, legacy, canonical) => {
    expect(legacyCidrMessages(cidr)).toEqual(legacy);
    expect(legacyCidrMessages(cidr, [cidr])).toEqual([]);
    expect(canonicalCidrMessages(cidr)).toEqual(canonical);
  });

  it.each<[string, string[]]>([
    ['10.0.0.0/8', []],
    ['x', []],
    [
      '10.0.0.1/8',
      ['a: CIDR value "10.0.0.1/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.0.0.1/32"?)'],
    ],
    [
      '10.0.0.0/08',
      [
        'a: non-standard CIDR value "10.0.0.0/08" will be considered invalid in a future Kubernetes release: use "10.0.0.0/8"',
      ],
    ],
    ['FD00::/64', ['a: IPv6 CIDR value "FD00::/64" should be in RFC 5952 canonical format ("fd00::/64")']],
  ])('%s warns', (cidr, warnings) => {
    expect(cidrWarnings(fieldPath('a'), cidr)).toEqual(warnings);
  });

  it.each<[string, string, boolean]>([
    ['10.1.0.0/16', '10.0.0.0/8', true],
    ['10.0.0.0/8', '10.0.0.0/8', false],
    ['11.0.0.0/16', '10.0.0.0/8', false],
    ['fd00::/64', '10.0.0.0/8', false],
    ['x', '10.0.0.0/8', false],
  ])('%s is a part of %s: %s', (inner, outer, expected) => {
    expect(isStrictSubnet(inner, outer)).toBe(expected);
  });
});
