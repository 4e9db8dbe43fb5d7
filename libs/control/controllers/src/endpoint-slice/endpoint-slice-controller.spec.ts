import type { KubeObject } from '@reckon/api/machinery';
import { refs } from '@reckon/client/rest';
import { type ClientHarness, eventually } from '@reckon/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { servicePod, webService } from '../endpoints/service-objects.suite';
import { startControllersForTest } from '../testing/controller-test.suite';
import { endpointSliceController } from './endpoint-slice-controller';

let harness: ClientHarness;
afterEach(() => harness.stop());

const store = (): ClientHarness['api']['store'] => harness.api.store;
const slices = (): KubeObject[] => store().list(refs.endpointSlices, 'default');
const addresses = (): string[] =>
  slices()
    .flatMap((s) => (s['endpoints'] as { addresses: string[] }[]).flatMap((e) => e.addresses))
    .sort();
const writes = (): number =>
  harness.api.requests.filter((r) => r.path.includes('/endpointslices') && r.method !== 'GET').length;
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 150));
const start = async (): Promise<void> => {
  harness = await startControllersForTest([endpointSliceController], {
    prepare: ({ api }) => {
      api.store.put(refs.nodes, { metadata: { name: 'node-1', labels: { 'topology.kubernetes.io/zone': 'east' } } });
    },
  });
};

describe('the EndpointSlice controller', () => {
  it('makes a slice of a Service and follows its pods in that same slice', async () => {
    await start();
    store().create(refs.services, 'default', webService());
    await eventually(() => {
      expect(slices()).toMatchObject([{ addressType: 'IPv4', endpoints: [] }]);
    });
    const name = slices()[0]?.metadata.name;
    expect(name).toMatch(/^web-[a-z0-9]{5}$/);
    store().put(refs.pods, servicePod('a', { ip: '10.0.0.1' }));
    await eventually(() => {
      expect(slices()).toMatchObject([
        {
          metadata: {
            name,
            annotations: { 'endpoints.kubernetes.io/last-change-trigger-time': '2026-01-01T00:00:01Z' },
          },
          ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
          endpoints: [
            {
              addresses: ['10.0.0.1'],
              conditions: { ready: true, serving: true, terminating: false },
              nodeName: 'node-1',
              zone: 'east',
            },
          ],
        },
      ]);
    });
    store().delete(refs.pods, 'default', 'a');
    await eventually(() => {
      expect(slices()).toMatchObject([
        { endpoints: [{ conditions: { ready: false, serving: true, terminating: true } }] },
      ]);
    });
    store().delete(refs.pods, 'default', 'a', { gracePeriodSeconds: 0 });
    await eventually(() => {
      expect(slices()).toMatchObject([{ metadata: { name }, endpoints: [] }]);
    });
  });

  it('has slices of each family', async () => {
    await start();
    store().create(refs.services, 'default', webService({}, { ipFamilies: ['IPv4', 'IPv6'] }));
    const dual = servicePod('a', { ip: '10.0.0.1' });
    store().put(refs.pods, {
      ...dual,
      status: { ...(dual['status'] as object), podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }] },
    });
    await eventually(() => {
      expect(addresses()).toEqual(['10.0.0.1', 'fd00::1']);
    });
    expect(
      slices()
        .map((s) => s['addressType'])
        .sort(),
    ).toEqual(['IPv4', 'IPv6']);
  });

  it('makes no slice twice while its cache does not show what it did', async () => {
    await start();
    harness.api.holdWatches(true, 'endpointslices');
    store().create(refs.services, 'default', webService());
    await eventually(() => {
      expect(slices()).toHaveLength(1);
    });
    for (let i = 1; i <= 5; i++) store().put(refs.pods, servicePod(`p${String(i)}`, { ip: `10.0.0.${String(i)}` }));
    await settle();
    expect(slices()).toHaveLength(1);
    harness.api.holdWatches(false, 'endpointslices');
    await eventually(() => {
      expect(addresses()).toHaveLength(5);
    });
    expect(slices()).toHaveLength(1);
  });

  it('writes nothing when nothing that matters changed', async () => {
    await start();
    store().create(refs.services, 'default', webService());
    const pod = servicePod('a', { ip: '10.0.0.1' });
    store().put(refs.pods, pod);
    await eventually(() => {
      expect(addresses()).toEqual(['10.0.0.1']);
    });
    await settle();
    const before = writes();
    store().put(refs.pods, { ...pod, metadata: { ...pod.metadata, annotations: { a: 'b' } } });
    const service = store().get(refs.services, 'default', 'web');
    store().put(refs.services, { ...service, metadata: { ...service.metadata, annotations: { a: 'b' } } });
    await settle();
    expect(writes()).toBe(before);
  });

  it('puts right what others did to its slices', async () => {
    await start();
    store().create(refs.services, 'default', webService());
    store().put(refs.pods, servicePod('a', { ip: '10.0.0.1' }));
    await eventually(() => {
      expect(addresses()).toEqual(['10.0.0.1']);
    });
    const [slice] = slices();
    store().update(refs.endpointSlices, 'default', { ...slice, metadata: { ...slice?.metadata }, endpoints: [] });
    await eventually(() => {
      expect(addresses()).toEqual(['10.0.0.1']);
    });
    store().delete(refs.endpointSlices, 'default', slice?.metadata.name ?? '');
    await eventually(() => {
      expect(addresses()).toEqual(['10.0.0.1']);
    });
    expect(slices()[0]?.metadata.name).not.toBe(slice?.metadata.name);
  });

  it('leaves a pod of an unknown node out until the node is there', async () => {
    await start();
    store().create(refs.services, 'default', webService());
    store().put(refs.pods, servicePod('a', { ip: '10.0.0.1' }));
    store().put(refs.pods, servicePod('b', { ip: '10.0.0.2', spec: { nodeName: 'node-2' } }));
    await eventually(() => {
      expect(store().list(refs.events, 'default')).toMatchObject([
        {
          reason: 'FailedToUpdateEndpointSlices',
          message: expect.stringContaining('skipping Pod b for Service default/web: Node node-2 Not Found') as string,
        },
      ]);
    });
    expect(addresses()).toEqual(['10.0.0.1']);
    store().put(refs.nodes, { metadata: { name: 'node-2' } });
    await eventually(() => {
      expect(addresses()).toEqual(['10.0.0.1', '10.0.0.2']);
    });
  });

  it('leaves Services without a selector and those of ExternalName alone', async () => {
    await start();
    store().create(refs.services, 'default', webService({ name: 'own' }, { selector: undefined }));
    store().create(refs.services, 'default', webService({ name: 'name' }, { type: 'ExternalName' }));
    store().create(refs.services, 'default', webService());
    await eventually(() => {
      expect(slices()).toHaveLength(1);
    });
    await settle();
    expect(slices().map((s) => s.metadata.labels?.['kubernetes.io/service-name'])).toEqual(['web']);
  });
});
