import type { KubeObject } from '@reckon/api/machinery';
import { refs } from '@reckon/client/rest';
import { type ClientHarness, eventually } from '@reckon/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { startControllersForTest } from '../testing/controller-test.suite';
import { endpointSliceMirroringController } from './endpoint-slice-mirroring-controller';

let harness: ClientHarness;
afterEach(() => harness.stop());

const store = (): ClientHarness['api']['store'] => harness.api.store;
const slices = (): KubeObject[] => store().list(refs.endpointSlices, 'default');
const addresses = (): string[] =>
  slices()
    .flatMap((s) => (s['endpoints'] as { addresses: string[] }[]).flatMap((e) => e.addresses))
    .sort();
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 100));
const subsets = (...ips: string[]): object[] => [{ addresses: ips.map((ip) => ({ ip })), ports: [{ port: 80 }] }];
const start = async (mostPerSubset = 1000): Promise<void> => {
  harness = await startControllersForTest([endpointSliceMirroringController], {
    controllers: { endpointSliceMirroring: { mostPerSubset } },
  });
};
const makeService = (spec: object = {}): void => {
  store().create(refs.services, 'default', { metadata: { name: 'db' }, spec: { ports: [{ port: 80 }], ...spec } });
};
const makeEndpoints = (...ips: string[]): void => {
  store().create(refs.endpoints, 'default', { metadata: { name: 'db' }, subsets: subsets(...ips) });
};
const show = (...ips: string[]): Promise<void> =>
  eventually(() => {
    expect(addresses()).toEqual(ips);
  });

describe('the mirroring of Endpoints', () => {
  it('follows their creation, change and deletion in one slice', async () => {
    await start();
    makeService();
    makeEndpoints('10.1.2.3');
    await show('10.1.2.3');
    const name = slices()[0]?.metadata.name;
    expect(name).toMatch(/^db-[a-z0-9]{5}$/);
    const current = store().get(refs.endpoints, 'default', 'db');
    store().update(refs.endpoints, 'default', { ...current, subsets: subsets('10.2.3.4') });
    await show('10.2.3.4');
    expect(slices().map(({ metadata }) => metadata.name)).toEqual([name]);
    store().delete(refs.endpoints, 'default', 'db');
    await show();
    expect(slices()).toEqual([]);
  });

  it('waits for the Service, and ends when it has a selector or goes', async () => {
    await start();
    makeEndpoints('10.1.2.3');
    await settle();
    expect(slices()).toEqual([]);
    makeService();
    await show('10.1.2.3');
    const service = store().get(refs.services, 'default', 'db');
    store().update(refs.services, 'default', { ...service, spec: { selector: { app: 'db' } } });
    await show();
    const selecting = store().get(refs.services, 'default', 'db');
    store().update(refs.services, 'default', { ...selecting, spec: {} });
    await show('10.1.2.3');
    store().delete(refs.services, 'default', 'db');
    await show();
  });

  it.each([
    [{ labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } }],
    [{ annotations: { 'control-plane.alpha.kubernetes.io/leader': '{}' } }],
  ])('leaves alone Endpoints with %j', async (metadata) => {
    await start();
    makeService();
    makeEndpoints('10.1.2.3');
    await show('10.1.2.3');
    const current = store().get(refs.endpoints, 'default', 'db');
    store().update(refs.endpoints, 'default', { ...current, metadata: { ...current.metadata, ...metadata } });
    await show();
  });

  it('mends what others do to its slices, and leaves theirs alone', async () => {
    await start();
    makeService();
    const foreign = { metadata: { name: 'own', labels: { 'kubernetes.io/service-name': 'db' } }, endpoints: [] };
    store().create(refs.endpointSlices, 'default', { ...foreign, addressType: 'IPv4' });
    makeEndpoints('10.1.2.3');
    await show('10.1.2.3');
    const mirrored = slices().find(({ metadata }) => metadata.name !== 'own') as KubeObject;
    store().update(refs.endpointSlices, 'default', { ...mirrored, endpoints: [{ addresses: ['6.6.6.6'] }] });
    await show('10.1.2.3');
    store().delete(refs.endpointSlices, 'default', mirrored.metadata.name ?? '');
    await show('10.1.2.3');
    expect(slices().map(({ metadata }) => metadata.name)).toContain('own');
  });

  it('says what it left out', async () => {
    await start(1);
    makeService();
    makeEndpoints('nope', '10.0.0.1', '10.0.0.2');
    await show('10.0.0.1');
    await eventually(() => {
      expect(
        store()
          .list(refs.events)
          .map((e) => [e['reason'], e['message']]),
      ).toEqual(
        expect.arrayContaining([
          ['InvalidIPAddress', 'Skipped 1 invalid IP addresses when mirroring to EndpointSlices'],
          [
            'TooManyAddressesToMirror',
            'A max of 1 addresses can be mirrored to EndpointSlices per Endpoints subset. 2 addresses were skipped',
          ],
        ]),
      );
    });
  });
});
