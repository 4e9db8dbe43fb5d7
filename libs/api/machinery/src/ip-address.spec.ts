import fc from 'fast-check';
import net from 'node:net';
import { describe, expect, it } from 'vitest';
import {
  addressAt,
  cidrText,
  ipText,
  networkContains,
  networkSize,
  parseCidr,
  parseIp,
  validateCidr,
  validateIp,
  validateIpv4,
  validateIpv6,
} from './ip-address';

describe('addresses', () => {
  it.each([
    ['10.9.8.7', '10.9.8.7'],
    ['010.009.008.007', '10.9.8.7'],
    ['2001:DB8::FFFF', '2001:db8::ffff'],
    ['2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['64:ff9b::1.2.3.4', '64:ff9b::102:304'],
  ])('reads %s as %s', (text, canonical) => {
    const ip = parseIp(text);
    expect(ip === undefined ? undefined : ipText(ip)).toBe(canonical);
  });

  it.each([
    '',
    'x',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '1.2.3.-4',
    ':',
    ':::',
    '1::2::3',
    '1:2',
    '12345::',
    '::1%eth0',
    '1.2.3.4::',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
  ])('refuses %j', (text) => {
    expect(parseIp(text)).toBeUndefined();
    expect(validateIp(text)).toEqual(['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']);
  });

  it('agrees with node:net on random addresses', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const ip = parseIp(text);
        expect(ip).toBeDefined();
        if (ip === undefined) return;
        const canonical = ipText(ip);
        expect(net.isIP(canonical)).toBe(ip.family);
        expect(parseIp(canonical)).toEqual(ip);
      }),
    );
  });

  it('tells the families apart', () => {
    expect(validateIpv4('::1')).toEqual(['must be a valid IPv4 address']);
    expect(validateIpv6('1.2.3.4')).toEqual(['must be a valid IPv6 address']);
    expect(validateIpv4('1.2.3.4')).toEqual([]);
  });
});

describe('networks', () => {
  it('clears the host bits', () => {
    const parsed = parseCidr('10.9.8.7/16')!;
    expect(cidrText(parsed.network)).toBe('10.9.0.0/16');
    expect(ipText(parsed.ip)).toBe('10.9.8.7');
    expect(cidrText(parseCidr('2001:db8::1/64')!.network)).toBe('2001:db8::/64');
    expect(cidrText(parseCidr('::ffff:10.0.0.1/104')!.network)).toBe('10.0.0.0/8');
  });

  it('knows what it contains', () => {
    const { network } = parseCidr('10.96.0.0/12')!;
    expect(networkContains(network, parseIp('10.111.255.255')!)).toBe(true);
    expect(networkContains(network, parseIp('10.112.0.0')!)).toBe(false);
    expect(networkContains(network, parseIp('::1')!)).toBe(false);
    expect(networkSize(network)).toBe(2n ** 20n);
    expect(ipText(addressAt(network, 1n))).toBe('10.96.0.1');
  });

  it.each(['x', '10.0.0.0', '10.0.0.0/33', '10.0.0.0/-1', '::/129', '10.0.0.0/', '/8'])('refuses %j', (text) => {
    expect(validateCidr(text)).toEqual(['must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)']);
  });
});
