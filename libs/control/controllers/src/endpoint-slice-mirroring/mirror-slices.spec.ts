import { describe, expect, it } from 'vitest';
import type { Slice } from '../endpoint-slice/new-slice';
import { type Endpoints, mirrorSlices } from './mirror-slices';

const endpoints = (subsets: Endpoints['subsets'], metadata: Partial<Endpoints['metadata']> = {}): Endpoints => ({
  metadata: { namespace: 'default', name: 'db', uid: 'e', ...metadata },
  subsets: subsets ?? [],
});
const ports = [{ name: 'sql', port: 5432, protocol: 'TCP' }];
const one = endpoints([{ addresses: [{ ip: '10.0.0.1' }], ports }]);
const stored = (slice: Slice | undefined, name = 'db-1'): Slice => ({
  ...(slice as Slice),
  metadata: { ...(slice as Slice).metadata, name, uid: `uid-${name}`, resourceVersion: '7' },
});
const first = stored(mirrorSlices(one, [], 1000).create[0]);
const quiet = { create: [], update: [], remove: [] };

describe('mirrored slices', () => {
  it('say what Endpoints say', () => {
    const given = endpoints(
      [
        {
          addresses: [{ ip: '010.0.0.01', hostname: 'a', nodeName: 'n1', targetRef: { kind: 'Pod', name: 'p' } }],
          notReadyAddresses: [{ ip: '10.0.0.2' }, { ip: 'fd00::0:2' }],
          ports: [{ port: 80, appProtocol: 'http' }],
        },
      ],
      {
        labels: { app: 'db', 'kubernetes.io/service-name': 'lie' },
        annotations: {
          note: 'x',
          'endpoints.kubernetes.io/last-change-trigger-time': 'x',
          'kubectl.kubernetes.io/last-applied-configuration': '{}',
        },
      },
    );
    const metadata = {
      namespace: 'default',
      generateName: 'db-',
      labels: {
        app: 'db',
        'kubernetes.io/service-name': 'db',
        'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io',
      },
      annotations: { note: 'x' },
      ownerReferences: [
        { apiVersion: 'v1', kind: 'Endpoints', name: 'db', uid: 'e', controller: true, blockOwnerDeletion: true },
      ],
    };
    const slicePorts = [{ name: '', port: 80, protocol: 'TCP', appProtocol: 'http' }];
    expect(mirrorSlices(given, [], 1000)).toEqual({
      ...quiet,
      create: [
        {
          metadata,
          addressType: 'IPv4',
          ports: slicePorts,
          endpoints: [
            {
              addresses: ['10.0.0.1'],
              conditions: { ready: true },
              hostname: 'a',
              nodeName: 'n1',
              targetRef: { kind: 'Pod', name: 'p' },
            },
            { addresses: ['10.0.0.2'], conditions: { ready: false } },
          ],
        },
        {
          metadata,
          addressType: 'IPv6',
          ports: slicePorts,
          endpoints: [{ addresses: ['fd00::2'], conditions: { ready: false } }],
        },
      ],
      invalid: 0,
      skipped: 0,
    });
  });

  it('stay as they are when they are right', () => {
    expect(mirrorSlices(one, [first], 1000)).toMatchObject(quiet);
  });

  it.each<[string, Endpoints]>([
    ['an address', endpoints([{ addresses: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }], ports }])],
    ['readiness', endpoints([{ notReadyAddresses: [{ ip: '10.0.0.1' }], ports }])],
    ['a node', endpoints([{ addresses: [{ ip: '10.0.0.1', nodeName: 'n' }], ports }])],
    ['labels', endpoints(one.subsets, { labels: { a: 'b' } })],
    ['annotations', endpoints(one.subsets, { annotations: { a: 'b' } })],
    ['ports', endpoints([{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 1 }] }])],
  ])('keep their name when %s changes', (_name, changed) => {
    const { create, update, remove } = mirrorSlices(changed, [first], 1000);
    expect([create, remove]).toEqual([[], []]);
    expect(update).toMatchObject([{ metadata: { name: 'db-1', uid: 'uid-db-1', resourceVersion: '7' } }]);
    expect(update[0]?.metadata.generateName).toBeUndefined();
  });

  it('are one for the same ports, and go with the last address', () => {
    const twice = endpoints([
      { addresses: [{ ip: '10.0.0.1' }], ports },
      { addresses: [{ ip: '10.0.0.2' }], ports },
      { addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 1 }] },
    ]);
    expect(mirrorSlices(twice, [], 1000).create.map((s) => s.endpoints?.length)).toEqual([2, 1]);
    expect(mirrorSlices(one, [first, stored(first, 'db-2')], 1000)).toMatchObject({
      ...quiet,
      remove: [{ metadata: { name: 'db-2' } }],
    });
    expect(mirrorSlices(endpoints([]), [first], 1000)).toMatchObject({ ...quiet, remove: [first] });
    expect(mirrorSlices(endpoints([{ ports }]), [first], 1000)).toMatchObject({ ...quiet, remove: [first] });
  });

  it('leave out what is no address, and what is too many', () => {
    const many = endpoints([
      {
        addresses: [{ ip: 'nope' }, { ip: '10.0.0.1' }, { ip: '10.0.0.2' }],
        notReadyAddresses: [{ ip: '10.0.0.3' }],
        ports,
      },
    ]);
    const { create, invalid, skipped } = mirrorSlices(many, [], 2);
    expect(create.map((s) => s.endpoints?.map((e) => e.addresses[0]))).toEqual([['10.0.0.1', '10.0.0.2']]);
    expect([invalid, skipped]).toEqual([1, 2]);
  });
});
