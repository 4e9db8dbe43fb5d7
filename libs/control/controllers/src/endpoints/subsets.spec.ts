import { describe, expect, it } from 'vitest';
import type { Pod } from '../replica-set/pod-state';
import { isOverCapacity, withinCapacity } from './over-capacity';
import type { Service } from './service-pods';
import { repack, subsetsOf } from './subsets';

const service = (spec: object = {}, name = 'web'): Service => ({
  metadata: { namespace: 'default', name },
  spec: {
    clusterIP: '10.96.0.9',
    ipFamilies: ['IPv4'],
    selector: { app: 'web' },
    ports: [{ port: 80, protocol: 'TCP' }],
    ...spec,
  },
});

const pod = (
  name: string,
  ip: string,
  options: { spec?: object; status?: object; metadata?: object; ready?: boolean } = {},
): Pod =>
  ({
    metadata: { namespace: 'default', name, uid: `uid-${name}`, ...options.metadata },
    spec: { nodeName: 'node-1', ...options.spec },
    status: {
      phase: 'Running',
      podIP: ip,
      podIPs: [{ ip }],
      conditions: [{ type: 'Ready', status: options.ready === false ? 'False' : 'True' }],
      ...options.status,
    },
  }) as unknown as Pod;

const addressOf = (name: string, ip: string): object => ({
  ip,
  nodeName: 'node-1',
  targetRef: { kind: 'Pod', namespace: 'default', name, uid: `uid-${name}` },
});

describe('the subsets of a Service', () => {
  it('are its pods by readiness, in order of their addresses', () => {
    const pods = [pod('c', '10.0.0.3'), pod('b', '10.0.0.2', { ready: false }), pod('a', '10.0.0.1')];
    expect(subsetsOf(service(), pods)).toEqual([
      {
        addresses: [addressOf('a', '10.0.0.1'), addressOf('c', '10.0.0.3')],
        notReadyAddresses: [addressOf('b', '10.0.0.2')],
        ports: [{ port: 80, protocol: 'TCP' }],
      },
    ]);
  });

  it('split where pods have different numbers for a named port, and leave out pods that lack it', () => {
    const named = (containerPort: number): object => ({ containers: [{ ports: [{ name: 'http', containerPort }] }] });
    const pods = [
      pod('a', '10.0.0.1', { spec: named(8080) }),
      pod('b', '10.0.0.2', { spec: named(9090) }),
      pod('c', '10.0.0.3', {
        spec: { containers: [{ ports: [{ name: 'http', protocol: 'UDP', containerPort: 1 }] }] },
      }),
      pod('d', '10.0.0.4', {
        spec: { initContainers: [{ restartPolicy: 'Always', ports: [{ name: 'http', containerPort: 8080 }] }] },
      }),
    ];
    const ports = [{ name: 'web', port: 80, targetPort: 'http', protocol: 'TCP', appProtocol: 'http' }];
    expect(subsetsOf(service({ ports }), pods)).toEqual([
      {
        addresses: [addressOf('a', '10.0.0.1'), addressOf('d', '10.0.0.4')],
        ports: [{ name: 'web', port: 8080, protocol: 'TCP', appProtocol: 'http' }],
      },
      {
        addresses: [addressOf('b', '10.0.0.2')],
        ports: [{ name: 'web', port: 9090, protocol: 'TCP', appProtocol: 'http' }],
      },
    ]);
  });

  it('hold neither pods that have ended, nor those without an address, nor those on their way out', () => {
    const pods = [
      pod('a', '10.0.0.1', { status: { phase: 'Succeeded' } }),
      pod('b', '', { status: { podIPs: [] } }),
      pod('c', '10.0.0.3', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }),
    ];
    expect(subsetsOf(service(), pods)).toEqual([]);
    expect(subsetsOf(service({ publishNotReadyAddresses: true }), pods)).toMatchObject([
      { addresses: [{ ip: '10.0.0.3' }] },
    ]);
  });

  it('of a headless Service without ports have addresses only, with the host names of its domain', () => {
    const headless = service({ clusterIP: 'None', ports: undefined });
    const pods = [
      pod('a', '10.0.0.1', { spec: { hostname: 'zero', subdomain: 'web' } }),
      pod('b', '10.0.0.2', { spec: { hostname: 'one', subdomain: 'db' } }),
    ];
    expect(subsetsOf(headless, pods)).toEqual([
      { addresses: [{ ...addressOf('a', '10.0.0.1'), hostname: 'zero' }, addressOf('b', '10.0.0.2')] },
    ]);
  });

  it('take the address of the Service family', () => {
    const dual = pod('a', '10.0.0.1', { status: { podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }] } });
    expect(subsetsOf(service({ ipFamilies: ['IPv6'] }), [dual])).toMatchObject([{ addresses: [{ ip: 'fd00::1' }] }]);
    expect(subsetsOf(service({ ipFamilies: ['IPv6'] }), [pod('b', '10.0.0.2')])).toEqual([]);
    expect(subsetsOf(service({ ipFamilies: undefined, clusterIP: 'fd00::9' }), [dual])).toMatchObject([
      { addresses: [{ ip: 'fd00::1' }] },
    ]);
  });
});

describe('repacking', () => {
  it('joins the ports that the same addresses offer, whatever form they came in', () => {
    const [a, b] = [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }];
    const [http, metrics] = [
      { name: 'http', port: 80 },
      { name: 'metrics', port: 9090 },
    ];
    const packed = [{ addresses: [a, b], ports: [http, metrics] }];
    expect(
      repack([
        { addresses: [b], ports: [metrics, http] },
        { addresses: [a], ports: [http] },
        { addresses: [a], ports: [metrics] },
      ]),
    ).toEqual(packed);
    expect(repack(packed)).toEqual(packed);
  });

  it('counts an address that is once not ready as not ready', () => {
    const ports = [{ port: 80 }];
    expect(
      repack([
        { addresses: [{ ip: '10.0.0.1' }], ports },
        { notReadyAddresses: [{ ip: '10.0.0.1' }], ports },
      ]),
    ).toEqual([{ notReadyAddresses: [{ ip: '10.0.0.1' }], ports }]);
  });
});

describe('the capacity of an Endpoints object', () => {
  const many = (count: number, block: number): { ip: string }[] =>
    Array.from({ length: count }, (_, i) => ({ ip: `10.${String(block)}.${String(i >> 8)}.${String(i & 255)}` }));

  it('keeps ready addresses before the others', () => {
    const cut = withinCapacity([{ addresses: many(900, 1), notReadyAddresses: many(300, 2) }]);
    expect(cut[0]?.addresses).toHaveLength(900);
    expect(cut[0]?.notReadyAddresses).toHaveLength(100);
  });

  it('leaves every subset its share when even the ready ones are too many', () => {
    const cut = withinCapacity([
      { addresses: many(1500, 1) },
      { addresses: many(500, 2), notReadyAddresses: many(10, 3) },
    ]);
    expect(cut.map((s) => s.addresses?.length)).toEqual([750, 250]);
    expect(cut[1]).not.toHaveProperty('notReadyAddresses');
    expect(isOverCapacity(cut)).toBe(false);
  });

  it('changes nothing that fits', () => {
    const fits = [{ addresses: many(1000, 1) }];
    expect(withinCapacity(fits)).toBe(fits);
  });
});
