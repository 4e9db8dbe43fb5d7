import { isIP } from 'node:net';

/**
 * Where a request comes from, farthest first: what proxies say (`X-Forwarded-For`, then `X-Real-Ip` unless it was among them), and at
 * last the peer itself, which nobody can make up (apimachinery/pkg/util/net `SourceIPs`).
 */
export function sourceIps(headers: Readonly<Record<string, unknown>>, peer: string | undefined): readonly string[] {
  const forwarded = headers['x-forwarded-for'];
  const real = headers['x-real-ip'];
  const remote = peer === undefined || isIP(peer) === 0 ? undefined : plain(peer);
  if (forwarded === undefined && real === undefined) return remote === undefined ? [] : [remote];
  const ips = textOf(forwarded)
    .split(',')
    .map((ip) => ip.trim())
    .filter((ip) => isIP(ip) !== 0)
    .map(plain);
  const told = textOf(real);
  if (isIP(told) !== 0 && !ips.includes(plain(told))) ips.push(plain(told));
  if (remote !== undefined && ips.at(-1) !== remote) ips.push(remote);
  return ips;
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : Array.isArray(value) ? value.join(',') : '';

/** IPv4 inside IPv6 is IPv4; a zone says nothing to others. */
const plain = (ip: string): string =>
  ip
    .replace(/^::ffff:(?=\d+\.)/i, '')
    .replace(/%.*$/, '')
    .toLowerCase();
