import type { KubeObject } from '@reckon/api/machinery';
import { refs } from '@reckon/client/rest';
import { type FakeClock, fakeClock } from '@reckon/kernel';
import { type ClientHarness, eventually } from '@reckon/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startControllersForTest } from '../testing/controller-test.suite';
import { type ServiceCidr, isNeeded } from './cidr-cover';
import { serviceCidrsController } from './service-cidrs-controller';

const finalizer = 'networking.k8s.io/service-cidr-finalizer';
const allocated = { 'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io' };

let harness: ClientHarness;
let time: FakeClock;
beforeEach(async () => {
  time = fakeClock();
  harness = await startControllersForTest([serviceCidrsController], { time });
});
afterEach(() => harness.stop());

const make = (name: string, ...cidrs: string[]): void => {
  harness.api.store.create(refs.serviceCidrs, '', { metadata: { name }, spec: { cidrs } });
};
const find = (name: string): ServiceCidr | undefined => harness.api.store.find(refs.serviceCidrs, '', name);
const address = (name: string, labels: Record<string, string> = allocated): void => {
  harness.api.store.put(refs.ipAddresses, { metadata: { name, labels } });
};
const ready = (name: string): unknown => find(name)?.status?.conditions?.[0];
const isReady = (name: string): Promise<void> =>
  eventually(() => {
    expect(ready(name)).toMatchObject({ type: 'Ready', status: 'True' });
  });
const remove = (name: string): void => {
  harness.api.store.delete(refs.serviceCidrs, '', name);
};
/** Lets the grace of a deletion pass. */
const isGone = (name: string): Promise<void> =>
  eventually(async () => {
    await time.advance(10_000);
    expect(find(name)).toBeUndefined();
  });

describe('the controller of service networks', () => {
  it('holds a new network and says that it is ready', async () => {
    make('extra', '10.200.0.0/24');
    await isReady('extra');
    expect(find('extra')?.metadata.finalizers).toEqual([finalizer]);
    expect(ready('extra')).toEqual({
      type: 'Ready',
      status: 'True',
      reason: '',
      message: 'Kubernetes Service CIDR is ready',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    });
    expect(harness.api.requests.at(-1)?.path).toBe('/apis/networking.k8s.io/v1/servicecidrs/extra/status');
  });

  it('leaves one alone that is as it should be', async () => {
    const done = {
      metadata: { name: 'kubernetes', finalizers: [finalizer] },
      spec: { cidrs: ['10.96.0.0/12'] },
      status: {
        conditions: [{ type: 'Ready', status: 'True', reason: '', message: 'Kubernetes Service CIDR is ready' }],
      },
    };
    harness.api.store.put(refs.serviceCidrs, done);
    make('extra', '10.200.0.0/24');
    await isReady('extra');
    expect(
      harness.api.requests.filter(({ method, path }) => method === 'PATCH' && path.includes('/kubernetes')),
    ).toEqual([]);
  });

  it('lets a network go that has no addresses out, after a grace', async () => {
    make('extra', '10.200.0.0/24');
    await isReady('extra');
    address('10.96.0.1');
    address('10.200.0.7', {});
    remove('extra');
    await time.advance(9_000);
    expect(find('extra')).toBeDefined();
    await isGone('extra');
  });

  it('keeps a network until its last address is gone', async () => {
    make('extra', '10.200.0.0/24');
    await isReady('extra');
    address('10.200.0.7');
    remove('extra');
    await eventually(() => {
      expect(ready('extra')).toMatchObject({
        status: 'False',
        reason: 'Terminating',
        message:
          'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR',
      });
    });
    await time.advance(60_000);
    expect(find('extra')).toBeDefined();
    harness.api.store.delete(refs.ipAddresses, '', '10.200.0.7');
    await isGone('extra');
  });

  it('lets a network go when another appears that has its addresses too', async () => {
    make('extra', '10.200.0.0/24');
    await isReady('extra');
    address('10.200.0.7');
    remove('extra');
    await eventually(() => {
      expect(ready('extra')).toMatchObject({ status: 'False' });
    });
    make('wider', '10.200.0.0/16');
    await isGone('extra');
  });
});

describe('whether a network is needed', () => {
  const cidr = (name: string, ...cidrs: string[]): ServiceCidr => ({ metadata: { name }, spec: { cidrs } });
  const ip = (name: string): KubeObject & { metadata: object } => ({ metadata: { name, labels: allocated } });
  it.each([
    ['by its address', ['10.0.0.0/24'], [], ['10.0.0.1'], true],
    ['not by an address elsewhere', ['10.0.0.0/24'], [], ['10.0.1.1'], false],
    ['not where a wider one is', ['10.0.0.0/24'], [['10.0.0.0/8']], ['10.0.0.1'], false],
    ['not where the same one is', ['10.0.0.0/24'], [['10.0.0.0/24']], ['10.0.0.1'], false],
    ['not where a narrower one has the address', ['10.0.0.0/8'], [['10.0.0.0/24']], ['10.0.0.1'], false],
    ['where a narrower one has not', ['10.0.0.0/8'], [['10.0.0.0/24']], ['10.1.0.1'], true],
    ['by its second family', ['10.0.0.0/24', 'fd00::/112'], [['10.0.0.0/8']], ['fd00::1'], true],
    ['not by an address of that family elsewhere', ['fd00::/112'], [], ['10.0.0.1'], false],
  ])('%s', (_, own, others, addresses, needed) => {
    const all = [cidr('own', ...own), ...others.map((cidrs, i) => cidr(`other-${String(i)}`, ...cidrs))];
    expect(isNeeded(all[0] ?? cidr('none'), all, addresses.map(ip))).toBe(needed);
  });
});
