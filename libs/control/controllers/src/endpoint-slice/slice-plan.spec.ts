import type { KubeObject } from '@reckon/api/machinery';
import { safeSuffix, seededRandom } from '@reckon/kernel';
import { describe, expect, it } from 'vitest';
import { servicePod, webService } from '../endpoints/service-objects.suite';
import type { Service } from '../endpoints/service-pods';
import type { Pod } from '../replica-set/pod-state';
import { type Slice, isOwnedBy } from './new-slice';
import { type Endpoint, endpointKey, endpointOf, slicePortsOf } from './slice-endpoint';
import { type SlicePlan, planSlices } from './slice-plan';

const service = webService({ namespace: 'default', uid: 'uid-web' }) as Service;
const nameRandom = seededRandom(3);
const ports = [{ name: 'http', port: 8080, protocol: 'TCP' }];
const node: KubeObject = { metadata: { name: 'node-1', labels: { 'topology.kubernetes.io/zone': 'east' } } };

const endpoint = (i: number): Endpoint =>
  endpointOf(
    service,
    servicePod(`p${String(i)}`, { ip: `10.0.${String(i >> 8)}.${String(i & 255)}` }),
    undefined,
    'IPv4',
  );
const endpointsOf = (from: number, to: number): Endpoint[] =>
  Array.from({ length: to - from }, (_, i) => endpoint(from + i));

/** What the server would hold after the plan. */
function carriedOut(existing: readonly Slice[], plan: SlicePlan): Slice[] {
  const names = new Map(existing.map((slice) => [slice.metadata.name ?? '', slice]));
  for (const slice of plan.remove) names.delete(slice.metadata.name ?? '');
  for (const slice of plan.update) names.set(slice.metadata.name ?? '', slice);
  for (const slice of plan.create) {
    const name = `web-${safeSuffix(nameRandom)}`;
    names.set(name, { ...slice, metadata: { ...slice.metadata, name } });
  }
  return [...names.values()];
}
const plan = (existing: readonly Slice[], endpoints: readonly Endpoint[], of = service): SlicePlan =>
  planSlices(of, 'IPv4', existing, endpoints.length === 0 ? [] : [{ ports, endpoints }]);
const slicesWith = (endpoints: readonly Endpoint[]): Slice[] => carriedOut([], plan([], endpoints));
const sizes = (slices: readonly Slice[]): number[] => slices.map((s) => s.endpoints?.length ?? 0).sort((a, b) => a - b);
const nothing = { create: [], update: [], remove: [] };

describe('an endpoint of a slice', () => {
  it('says whether its pod is ready, serves and terminates', () => {
    const of = (options: Parameters<typeof servicePod>[1], spec: object = {}): unknown =>
      endpointOf({ ...service, spec: { ...service.spec, ...spec } }, servicePod('p', options), undefined, 'IPv4')
        .conditions;
    const going = { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } };
    expect(of({ ip: '10.0.0.1' })).toEqual({ ready: true, serving: true, terminating: false });
    expect(of({ ip: '10.0.0.1', isReady: false })).toEqual({ ready: false, serving: false, terminating: false });
    expect(of({ ip: '10.0.0.1', ...going })).toEqual({ ready: false, serving: true, terminating: true });
    expect(of({ ip: '10.0.0.1', isReady: false, ...going }, { publishNotReadyAddresses: true })).toEqual({
      ready: true,
      serving: false,
      terminating: true,
    });
  });

  it('names node, zone and the hints of the traffic distribution', () => {
    const of = (trafficDistribution: string | undefined): Endpoint =>
      endpointOf(
        {
          ...service,
          spec: { ...service.spec, ...(trafficDistribution === undefined ? {} : { trafficDistribution }) },
        },
        servicePod('p', { ip: '10.0.0.1' }),
        node,
        'IPv4',
      );
    expect(of(undefined)).toMatchObject({
      addresses: ['10.0.0.1'],
      nodeName: 'node-1',
      zone: 'east',
      targetRef: { kind: 'Pod', name: 'p', uid: 'uid-p' },
    });
    expect(of(undefined)).not.toHaveProperty('hints');
    expect(of('PreferClose').hints).toEqual({ forZones: [{ name: 'east' }] });
    expect(of('PreferSameNode').hints).toEqual({ forZones: [{ name: 'east' }], forNodes: [{ name: 'node-1' }] });
  });

  it('has the ports of its Service as numbers of its pod', () => {
    expect(slicePortsOf(service, servicePod('p', { ip: '10.0.0.1' }) as Pod)).toEqual(ports);
    expect(slicePortsOf(service, servicePod('p', { ip: '10.0.0.1', spec: { containers: [] } }) as Pod)).toEqual([]);
  });
});

describe('the plan for slices', () => {
  it('makes one empty slice of a Service without pods, and keeps it', () => {
    const made = slicesWith([]);
    expect(made).toMatchObject([
      {
        metadata: {
          generateName: 'web-',
          labels: {
            'kubernetes.io/service-name': 'web',
            'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
          },
          ownerReferences: [
            {
              apiVersion: 'v1',
              kind: 'Service',
              name: 'web',
              uid: 'uid-web',
              controller: true,
              blockOwnerDeletion: true,
            },
          ],
        },
        addressType: 'IPv4',
        endpoints: [],
        ports: [],
      },
    ]);
    expect(plan(made, [])).toEqual(nothing);
  });

  it('puts no more than a hundred endpoints in a slice', () => {
    expect(sizes(slicesWith(endpointsOf(0, 250)))).toEqual([50, 100, 100]);
  });

  it('writes the empty slice over when pods come, and a full one when they go', () => {
    const empty = slicesWith([]);
    const filling = plan(empty, endpointsOf(0, 2));
    expect(filling).toMatchObject({
      create: [],
      remove: [],
      update: [{ metadata: { name: empty[0]?.metadata.name }, ports }],
    });
    const full = carriedOut(empty, filling);
    expect(plan(full, [])).toMatchObject({
      create: [],
      remove: [],
      update: [{ metadata: { name: full[0]?.metadata.name }, endpoints: [] }],
    });
  });

  it('does nothing when nothing changed, whatever order endpoints come in', () => {
    const made = slicesWith(endpointsOf(0, 150));
    expect(plan(made, endpointsOf(0, 150).reverse())).toEqual(nothing);
  });

  it('touches only the slice of the endpoint that changed', () => {
    const made = slicesWith(endpointsOf(0, 150));
    const changed = endpointsOf(0, 150).map((e, i) =>
      i === 3 ? { ...e, conditions: { ready: false, serving: false, terminating: false } } : e,
    );
    const { create, update, remove } = plan(made, changed);
    expect([create.length, update.length, remove.length]).toEqual([0, 1, 0]);
    expect(sizes(carriedOut(made, { create, update, remove }))).toEqual([50, 100]);
  });

  it('fills the slice that newcomers fit best', () => {
    const made = slicesWith(endpointsOf(0, 150));
    const grown = plan(made, endpointsOf(0, 180));
    expect([grown.create.length, grown.update.length]).toEqual([0, 1]);
    expect(sizes(carriedOut(made, grown))).toEqual([80, 100]);
  });

  it('follows the labels of the Service', () => {
    const made = slicesWith(endpointsOf(0, 2));
    const labelled = {
      ...service,
      metadata: { ...service.metadata, labels: { tier: 'front', 'kubernetes.io/service-name': 'mine' } },
    };
    expect(plan(made, endpointsOf(0, 2), labelled).update).toMatchObject([
      { metadata: { labels: { tier: 'front', 'kubernetes.io/service-name': 'web' } } },
    ]);
  });

  it('lets the slices of a namesake that is gone go', () => {
    const made = slicesWith(endpointsOf(0, 2));
    const reborn = { ...service, metadata: { ...service.metadata, uid: 'uid-other' } };
    const { create, update, remove } = plan(made, endpointsOf(0, 2), reborn);
    expect([create.length, update.length, remove.length]).toEqual([1, 0, 1]);
    expect(isOwnedBy(create[0]!, reborn)).toBe(true);
  });

  it('holds exactly the endpoints that are wanted after any history', () => {
    const seed = 20_261_122;
    const random = seededRandom(seed);
    let slices: Slice[] = [];
    for (let step = 0; step < 200; step++) {
      const from = random.int(300);
      const wanted = endpointsOf(from, from + random.int(350)).filter(() => random.float() < 0.8);
      slices = carriedOut(slices, plan(slices, wanted));
      const held = slices.flatMap((s) => (s.endpoints ?? []).map(endpointKey)).sort();
      expect(held, `seed ${String(seed)}, step ${String(step)}`).toEqual(wanted.map(endpointKey).sort());
      expect(Math.max(...sizes(slices))).toBeLessThanOrEqual(100);
      expect(plan(slices, wanted)).toEqual(nothing);
    }
  });
});
