import { expect, it } from 'vitest';
import { sourceIps } from './source-ips';

it.each<[headers: Record<string, unknown>, peer: string | undefined, ips: string[]]>([
  [{}, '10.0.0.1', ['10.0.0.1']],
  [{}, '::ffff:10.0.0.1', ['10.0.0.1']],
  [{}, 'fe80::1%eth0', ['fe80::1']],
  [{}, undefined, []],
  [{ 'x-forwarded-for': '1.1.1.1, 2.2.2.2' }, '10.0.0.1', ['1.1.1.1', '2.2.2.2', '10.0.0.1']],
  [{ 'x-forwarded-for': '1.1.1.1,10.0.0.1' }, '10.0.0.1', ['1.1.1.1', '10.0.0.1']],
  [{ 'x-forwarded-for': 'nonsense, 1.1.1.1, <script>, 999.1.1.1' }, '10.0.0.1', ['1.1.1.1', '10.0.0.1']],
  [{ 'x-forwarded-for': '' }, '10.0.0.1', ['10.0.0.1']],
  [{ 'x-real-ip': '3.3.3.3' }, '10.0.0.1', ['3.3.3.3', '10.0.0.1']],
  [{ 'x-real-ip': '1.1.1.1', 'x-forwarded-for': '1.1.1.1, 2.2.2.2' }, '10.0.0.1', ['1.1.1.1', '2.2.2.2', '10.0.0.1']],
  [{ 'x-real-ip': '4.4.4.4', 'x-forwarded-for': '1.1.1.1' }, '10.0.0.1', ['1.1.1.1', '4.4.4.4', '10.0.0.1']],
  [{ 'x-real-ip': 'x', 'x-forwarded-for': '2001:DB8::1' }, undefined, ['2001:db8::1']],
])('%j from %s comes from %j', (headers, peer, ips) => {
  expect(sourceIps(headers, peer)).toEqual(ips);
});
