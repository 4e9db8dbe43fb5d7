import { type KubeObject, StatusError } from '@reckon/api/machinery';
import { seededRandom } from '@reckon/kernel';
import type { Change, ObjectKey, Storage, StoredObject } from '@reckon/store/contract';
import { describe, expect, it } from 'vitest';
import { changed, runCreate, runUpdate, testContext, testNowMs, testStrategies } from '../../../testing/run-strategy';
import { missingAddresses } from './address-objects';

/** A storage in which what is decided is there at once. */
function heap() {
  const objects = new Map<string, StoredObject>();
  const text = ({ group, resource, namespace, name }: ObjectKey): string =>
    [group, resource, namespace, name].join('|');
  let revision = 0;
  const put = (key: ObjectKey, object: object): void => {
    const copy = structuredClone(object);
    objects.set(text(key), {
      key,
      revision: ++revision,
      parse: () => structuredClone(copy),
    } as unknown as StoredObject);
  };
  const storage = {
    newest: (key: ObjectKey) => objects.get(text(key)),
    newestOf: ({ resource }: { resource: string }) =>
      [...objects.values()].filter(({ key }) => key.resource === resource),
  } as unknown as Storage;
  return {
    storage,
    put,
    apply(changes: readonly Change[]): void {
      for (const { key, verb, previous, object } of changes) {
        expect(previous).toBe(objects.get(text(key))?.revision ?? 0);
        if (verb === 'delete') objects.delete(text(key));
        else put(key, object);
      }
    },
    addresses: (): string[] =>
      [...objects.values()].flatMap(({ key }) => (key.resource === 'ipaddresses' ? [key.name] : [])),
  };
}

const serviceKey = (name: string): ObjectKey => ({ group: '', resource: 'services', namespace: 'team', name });
const addressKey = (name: string): ObjectKey => ({
  group: 'networking.k8s.io',
  resource: 'ipaddresses',
  namespace: '',
  name,
});
const cidrKey = (name: string): ObjectKey => ({
  group: 'networking.k8s.io',
  resource: 'servicecidrs',
  namespace: '',
  name,
});

function cluster(range = '10.0.0.0/28,fd00::/120') {
  const table = testStrategies(range);
  const world = heap();
  const decide = (object: KubeObject | undefined, old?: KubeObject): readonly Change[] =>
    table.of('', 'services')?.strategy.decide?.(testContext(), world.storage, object, old) ?? [];
  return {
    ...world,
    create(name: string, spec: object = {}): KubeObject {
      const given = {
        metadata: { name, namespace: 'team' },
        spec: { ports: [{ port: 80 }], selector: { a: 'b' }, ...spec },
      };
      const { object } = runCreate('/services', given, table);
      world.apply([...decide(object), { key: serviceKey(name), verb: 'create', previous: 0 as never, object }]);
      return object;
    },
    update(old: KubeObject, changes: Record<string, unknown>): KubeObject {
      const { object } = runUpdate('/services', old, changed(old, changes), '', table);
      world.apply(decide(object, old));
      world.put(serviceKey(old.metadata.name ?? ''), object);
      return object;
    },
    remove(old: KubeObject): void {
      world.apply(decide(undefined, old));
    },
    /** Only decides: what throws is told as a text. */
    refusal(spec: object): string {
      try {
        const given = { metadata: { name: 'x', namespace: 'team' }, spec: { ports: [{ port: 80 }], ...spec } };
        decide(runCreate('/services', given, table).object);
        return '';
      } catch (error) {
        if (error instanceof StatusError) return error.status.message ?? '';
        throw error;
      }
    },
  };
}

const ipOf = (service: KubeObject): string => (service['spec'] as { clusterIP: string }).clusterIP;

describe('the IPAddress of a service', () => {
  it('comes with it and goes with it', () => {
    const { create, remove, addresses, storage } = cluster();
    const service = create('web');
    expect(addresses()).toEqual([ipOf(service)]);
    expect(storage.newest(addressKey(ipOf(service)))?.parse()).toMatchObject({
      kind: 'IPAddress',
      apiVersion: 'networking.k8s.io/v1',
      metadata: {
        name: ipOf(service),
        creationTimestamp: '2026-01-01T00:00:00Z',
        labels: {
          'ipaddress.kubernetes.io/ip-family': 'IPv4',
          'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
        },
        managedFields: [{ manager: 'kube-apiserver', operation: 'Update' }],
      },
      spec: { parentRef: { resource: 'services', namespace: 'team', name: 'web' } },
    });
    remove(service);
    expect(addresses()).toEqual([]);
  });

  it('is one for each family, and the second comes and goes with the second', () => {
    const { create, update, addresses } = cluster();
    const one = create('web');
    const two = update(one, { 'spec.ipFamilyPolicy': 'RequireDualStack' });
    expect(addresses()).toHaveLength(2);
    update(two, { 'spec.ipFamilyPolicy': 'SingleStack' });
    expect(addresses()).toEqual([ipOf(one)]);
  });

  it('is none for headless services and names, and goes when the service becomes one', () => {
    const { create, update, addresses } = cluster();
    create('headless', { clusterIP: 'None' });
    create('name', { type: 'ExternalName', externalName: 'a.example', ports: [] });
    expect(addresses()).toEqual([]);
    update(create('web'), { 'spec.type': 'ExternalName', 'spec.externalName': 'a.example' });
    expect(addresses()).toEqual([]);
  });

  it('is written in one way', () => {
    const { create, addresses } = cluster('fd00::/120');
    create('web', { clusterIP: 'FD00:0::5' });
    expect(addresses()).toEqual(['fd00::5']);
  });

  it('stays where a service only changes otherwise', () => {
    const { create, update, addresses, storage } = cluster();
    const service = create('web');
    const { revision } = storage.newest(addressKey(ipOf(service))) ?? {};
    update(service, { 'spec.selector': { c: 'd' } });
    expect(addresses()).toEqual([ipOf(service)]);
    expect(storage.newest(addressKey(ipOf(service)))?.revision).toBe(revision);
  });

  it('is only marked while a finalizer holds it', () => {
    const { create, remove, put, storage } = cluster();
    const service = create('web');
    const key = addressKey(ipOf(service));
    put(key, changed(storage.newest(key)?.parse() ?? {}, { 'metadata.finalizers': ['a.b/c'] }));
    remove(service);
    expect(storage.newest(key)?.parse().metadata).toMatchObject({
      deletionTimestamp: '2026-01-01T00:00:00Z',
      deletionGracePeriodSeconds: 0,
    });
  });

  it('of somebody else is not given out, and does not go', () => {
    const { create, remove, put, addresses, refusal } = cluster('10.0.0.0/29');
    const mine = (ip: string): void =>
      put(addressKey(ip), { metadata: { name: ip }, spec: { parentRef: { resource: 'gateways', name: 'g' } } });
    for (const n of [1, 2, 3, 4, 5]) mine(`10.0.0.${String(n)}`);
    expect(refusal({ clusterIP: '10.0.0.3' })).toContain(
      'failed to allocate IP 10.0.0.3: provided IP is already allocated',
    );
    const service = create('web');
    expect(ipOf(service)).toBe('10.0.0.6');
    expect(refusal({})).toContain('failed to allocate a serviceIP: range is full');
    mine('10.0.0.6');
    remove(service);
    expect(addresses()).toContain('10.0.0.6');
  });
});

describe('further service CIDRs', () => {
  const extra = { metadata: { name: 'extra' }, spec: { cidrs: ['10.9.0.0/28'] } };
  const ready = { status: { conditions: [{ type: 'Ready', status: 'True' }] } };

  it('give addresses when they are ready', () => {
    const { create, put, refusal } = cluster('10.0.0.0/30');
    put(cidrKey('extra'), extra);
    const asked = { clusterIP: '10.9.0.5' };
    expect(refusal(asked)).toContain('the provided network does not match the current range');
    put(cidrKey('extra'), { ...extra, ...ready });
    expect(refusal(asked)).toBe('');
    expect(['a', 'b', 'c'].map((name) => ipOf(create(name)).slice(0, 5)).sort()).toEqual(['10.0.', '10.0.', '10.9.']);
  });

  it('give none while they are deleted', () => {
    const { put, refusal } = cluster('10.0.0.0/30');
    const metadata = { name: 'extra', deletionTimestamp: '2026-01-01T00:00:00Z' };
    put(cidrKey('extra'), { ...extra, ...ready, metadata });
    expect(refusal({ clusterIP: '10.9.0.5' })).toContain('does not match the current range');
  });
});

describe('missing addresses', () => {
  it('are those of services that were there before', () => {
    const { storage, put, apply, addresses, create } = cluster();
    const parts = { ctx: { nowMs: testNowMs }, storage, random: seededRandom(3) };
    create('new');
    expect(missingAddresses(parts)).toEqual([]);
    const spec = { clusterIP: 'fd00::9', clusterIPs: ['fd00::9', '10.0.0.9'] };
    put(serviceKey('old'), { metadata: { name: 'old', namespace: 'team' }, spec });
    put(serviceKey('headless'), { metadata: { name: 'headless', namespace: 'team' }, spec: { clusterIPs: ['None'] } });
    apply(missingAddresses(parts));
    expect(addresses().slice(1)).toEqual(['fd00::9', '10.0.0.9']);
    expect(missingAddresses(parts)).toEqual([]);
  });
});
