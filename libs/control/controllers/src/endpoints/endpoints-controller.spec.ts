import { type KubeObject, statusErrors } from '@reckon/api/machinery';
import { refs } from '@reckon/client/rest';
import { type ClientHarness, eventually } from '@reckon/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { startControllersForTest } from '../testing/controller-test.suite';
import { servicePod, webService } from './service-objects.suite';
import { endpointsController } from './endpoints-controller';

let harness: ClientHarness;
afterEach(() => harness.stop());

const store = (): ClientHarness['api']['store'] => harness.api.store;
const endpoints = (): KubeObject => store().get(refs.endpoints, 'default', 'web');
const writes = (): number =>
  harness.api.requests.filter((r) => r.path.includes('/endpoints') && r.method !== 'GET').length;
const start = async (): Promise<void> => {
  harness = await startControllersForTest([endpointsController]);
};
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 150));

describe('the Endpoints controller', () => {
  it('makes Endpoints of a Service and follows its pods', async () => {
    await start();
    const service = store().create(refs.services, 'default', webService({ labels: { tier: 'front' } }));
    await eventually(() => {
      expect(endpoints()).toMatchObject({
        metadata: {
          labels: { tier: 'front', 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' },
          annotations: { 'endpoints.kubernetes.io/last-change-trigger-time': service.metadata.creationTimestamp },
        },
      });
    });
    store().put(refs.pods, servicePod('a', { ip: '10.0.0.1', readySince: '2030-01-01T00:00:07Z' }));
    await eventually(() => {
      expect(endpoints()['subsets']).toMatchObject([
        { addresses: [{ ip: '10.0.0.1' }], ports: [{ name: 'http', port: 8080 }] },
      ]);
    });
    expect(endpoints().metadata.annotations).toEqual({
      'endpoints.kubernetes.io/last-change-trigger-time': '2030-01-01T00:00:07Z',
    });
    store().put(refs.pods, servicePod('a', { ip: '10.0.0.1', isReady: false }));
    await eventually(() => {
      expect(endpoints()['subsets']).toMatchObject([{ notReadyAddresses: [{ ip: '10.0.0.1' }] }]);
    });
    store().delete(refs.pods, 'default', 'a', { gracePeriodSeconds: 0 });
    await eventually(() => {
      expect(endpoints()['subsets']).toEqual([]);
    });
  });

  it('marks those of a headless Service, and follows a pod that is relabelled', async () => {
    await start();
    store().create(refs.services, 'default', webService({}, { clusterIP: 'None' }));
    store().put(refs.pods, servicePod('a', { ip: '10.0.0.1' }));
    await eventually(() => {
      expect(endpoints()['subsets']).toHaveLength(1);
    });
    expect(endpoints().metadata.labels).toHaveProperty(['service.kubernetes.io/headless'], '');
    store().put(refs.pods, servicePod('a', { ip: '10.0.0.1', labels: { app: 'other' } }));
    await eventually(() => {
      expect(endpoints()['subsets']).toEqual([]);
    });
  });

  it('leaves Services without a selector and those of ExternalName alone', async () => {
    await start();
    store().create(refs.services, 'default', webService({ name: 'own' }, { selector: undefined }));
    store().create(
      refs.services,
      'default',
      webService({ name: 'name' }, { type: 'ExternalName', externalName: 'example.org' }),
    );
    store().create(refs.services, 'default', webService());
    await eventually(() => {
      expect(endpoints()).toBeDefined();
    });
    expect(
      store()
        .list(refs.endpoints)
        .map((e) => e.metadata.name),
    ).toEqual(['web']);
  });

  it('writes nothing when nothing that matters changed, and puts right what others changed', async () => {
    await start();
    store().create(refs.services, 'default', webService());
    store().put(refs.pods, servicePod('a', { ip: '10.0.0.1' }));
    await eventually(() => {
      expect(endpoints()['subsets']).toHaveLength(1);
    });
    await settle();
    const before = writes();
    const service = store().get(refs.services, 'default', 'web');
    store().put(refs.services, { ...service, metadata: { ...service.metadata, annotations: { a: 'b' } } });
    await settle();
    expect(writes()).toBe(before);
    store().delete(refs.endpoints, 'default', 'web');
    await eventually(() => {
      expect(endpoints()['subsets']).toHaveLength(1);
    });
  });

  it('deletes them with their Service, and those that were left over while nobody looked', async () => {
    harness = await startControllersForTest([endpointsController], {
      prepare: ({ api }) => {
        const metadata = {
          namespace: 'default',
          labels: { 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' },
        };
        api.store.put(refs.endpoints, { metadata: { ...metadata, name: 'left-over' } });
        api.store.put(refs.endpoints, { metadata: { namespace: 'default', name: 'made-by-hand' } });
      },
    });
    store().create(refs.services, 'default', webService());
    await eventually(() => {
      expect(
        store()
          .list(refs.endpoints)
          .map((e) => e.metadata.name),
      ).toEqual(['made-by-hand', 'web']);
    });
    store().delete(refs.services, 'default', 'web');
    await eventually(() => {
      expect(
        store()
          .list(refs.endpoints)
          .map((e) => e.metadata.name),
      ).toEqual(['made-by-hand']);
    });
  });

  it('does not write again before its cache shows its last write', async () => {
    await start();
    store().create(refs.services, 'default', webService());
    await eventually(() => {
      expect(endpoints()).toBeDefined();
    });
    await settle();
    harness.api.holdWatches(true, 'endpoints');
    store().put(refs.pods, servicePod('a', { ip: '10.0.0.1' }));
    await eventually(() => {
      expect(endpoints()['subsets']).toHaveLength(1);
    });
    const before = writes();
    store().put(refs.pods, servicePod('b', { ip: '10.0.0.2' }));
    await settle();
    expect(writes()).toBe(before);
    harness.api.holdWatches(false, 'endpoints');
    await eventually(() => {
      expect(endpoints()['subsets']).toMatchObject([{ addresses: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }] }]);
    });
  });

  it('tells in an Event that it could not write, and tries again', async () => {
    await start();
    let refusals = 0;
    harness.api.refuse(({ method, path }) =>
      method === 'POST' && path.endsWith('/endpoints') && refusals++ === 0
        ? statusErrors.forbidden(refs.endpoints, 'web', 'not now')
        : undefined,
    );
    store().create(refs.services, 'default', webService());
    await eventually(() => {
      expect(endpoints()).toBeDefined();
    });
    await eventually(() => {
      expect(store().list(refs.events, 'default')).toMatchObject([
        { type: 'Warning', reason: 'FailedToCreateEndpoint', involvedObject: { kind: 'Endpoints', name: 'web' } },
      ]);
    });
  });
});
