import {
  type KubeObject,
  type ObjectMeta,
  type OwnerReference,
  apiVersionOf,
  statusErrors,
} from '@reckon/api/machinery';
import { type ResourceRef, refs } from '@reckon/client/rest';
import { fakeClock } from '@reckon/kernel';
import { type ClientHarness, eventually } from '@reckon/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { startControllersForTest } from '../testing/controller-test.suite';
import { garbageCollector } from './garbage-collector';

let harness: ClientHarness;
afterEach(() => harness.stop());

const store = (): ClientHarness['api']['store'] => harness.api.store;
const start = async (
  prepare?: NonNullable<Parameters<typeof startControllersForTest>[1]>['prepare'],
): Promise<void> => {
  harness = await startControllersForTest([garbageCollector], prepare === undefined ? {} : { prepare });
};
const make = (ref: ResourceRef, name: string, metadata: ObjectMeta = {}): KubeObject =>
  store().create(ref, ref.namespaced ? 'default' : '', { metadata: { name, ...metadata } });
const ownedBy = (ref: ResourceRef, owner: KubeObject, options: Partial<OwnerReference> = {}): OwnerReference => ({
  apiVersion: apiVersionOf(ref),
  kind: ref.kind,
  name: owner.metadata.name ?? '',
  uid: owner.metadata.uid ?? '',
  ...options,
});
const names = (ref: ResourceRef, namespace = ''): (string | undefined)[] =>
  store()
    .list(ref, namespace)
    .map((o) => o.metadata.name);
const remove = (ref: ResourceRef, name: string, propagationPolicy: string): void => {
  store().delete(ref, 'default', name, { propagationPolicy });
};
/** The collector is at work, as it takes a probe away, and has had time to see what was made before. */
const settle = async (): Promise<void> => {
  const lost = { apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid: 'uid-gone' };
  const { metadata } = store().create(refs.serviceAccounts, 'default', {
    metadata: { generateName: 'probe-', ownerReferences: [lost] },
  });
  await eventually(() => {
    expect(names(refs.serviceAccounts)).not.toContain(metadata.name);
  });
  await new Promise((resolve) => setTimeout(resolve, 100));
};

/** Deployment → ReplicaSet → two pods, each the controller of the next. */
function makeChain(): void {
  const blocking = { controller: true, blockOwnerDeletion: true };
  const deployment = make(refs.deployments, 'web');
  const set = make(refs.replicaSets, 'web-1', { ownerReferences: [ownedBy(refs.deployments, deployment, blocking)] });
  for (const pod of ['web-1-a', 'web-1-b'])
    make(refs.pods, pod, { ownerReferences: [ownedBy(refs.replicaSets, set, blocking)] });
}

describe('the garbage collector', () => {
  it('deletes all that depends on what is gone, from the top down', async () => {
    await start();
    makeChain();
    await settle();
    remove(refs.deployments, 'web', 'Background');
    await eventually(() => {
      expect([...names(refs.replicaSets), ...names(refs.pods)]).toEqual([]);
    });
  });

  it('deletes in the foreground from the bottom up', async () => {
    await start();
    makeChain();
    await settle();
    const gone: string[] = [];
    store().subscribe(({ type, ref }) => {
      if (type === 'DELETED') gone.push(ref.kind);
    });
    remove(refs.deployments, 'web', 'Foreground');
    await eventually(() => {
      expect(gone).toEqual(['Pod', 'Pod', 'ReplicaSet', 'Deployment']);
    });
  });

  it('frees the dependents of what is deleted with orphan', async () => {
    await start();
    makeChain();
    await settle();
    remove(refs.deployments, 'web', 'Orphan');
    await eventually(() => {
      expect(names(refs.deployments)).toEqual([]);
    });
    await settle();
    expect(store().get(refs.replicaSets, 'default', 'web-1').metadata.ownerReferences ?? []).toEqual([]);
    expect(names(refs.pods)).toHaveLength(2);
  });

  it('finds at its start what lost its owner before', async () => {
    await start(({ api }) => {
      const lost = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'gone', uid: 'uid-gone' };
      api.store.put(refs.pods, { metadata: { namespace: 'default', name: 'left-over', ownerReferences: [lost] } });
      api.store.put(refs.pods, { metadata: { namespace: 'default', name: 'free' } });
    });
    await eventually(() => {
      expect(names(refs.pods)).toEqual(['free']);
    });
  });

  it('takes an owner of the same name but another uid for absent', async () => {
    await start();
    const owner = make(refs.configMaps, 'owner');
    make(refs.secrets, 'old', { ownerReferences: [ownedBy(refs.configMaps, owner, { uid: 'uid-before' })] });
    make(refs.secrets, 'new', { ownerReferences: [ownedBy(refs.configMaps, owner)] });
    await eventually(() => {
      expect(names(refs.secrets)).toEqual(['new']);
    });
  });

  it('keeps what still has one owner, and takes the references to the others out', async () => {
    await start();
    const [stays, goes] = [make(refs.configMaps, 'stays'), make(refs.configMaps, 'goes')];
    make(refs.secrets, 'shared', {
      ownerReferences: [ownedBy(refs.configMaps, stays), ownedBy(refs.configMaps, goes)],
    });
    await settle();
    remove(refs.configMaps, 'goes', 'Background');
    await eventually(() => {
      expect(store().get(refs.secrets, 'default', 'shared').metadata.ownerReferences).toEqual([
        ownedBy(refs.configMaps, stays),
      ]);
    });
  });

  it('takes an owner that waits for its dependents out of what another owner keeps', async () => {
    await start();
    const [stays, waits] = [make(refs.configMaps, 'stays'), make(refs.configMaps, 'waits')];
    const ownerReferences = [
      ownedBy(refs.configMaps, stays),
      ownedBy(refs.configMaps, waits, { blockOwnerDeletion: true }),
    ];
    make(refs.secrets, 'shared', { ownerReferences });
    await settle();
    remove(refs.configMaps, 'waits', 'Foreground');
    await eventually(() => {
      expect(names(refs.configMaps)).toEqual(['stays']);
    });
    expect(store().get(refs.secrets, 'default', 'shared').metadata.ownerReferences).toEqual([
      ownedBy(refs.configMaps, stays),
    ]);
  });

  it('waits in the foreground only for dependents that block', async () => {
    await start();
    const owner = make(refs.configMaps, 'owner');
    make(refs.secrets, 'held', {
      ownerReferences: [ownedBy(refs.configMaps, owner)],
      finalizers: ['example.org/held'],
    });
    await settle();
    remove(refs.configMaps, 'owner', 'Foreground');
    await eventually(() => {
      expect(names(refs.configMaps)).toEqual([]);
    });
    await eventually(() => {
      expect(store().get(refs.secrets, 'default', 'held').metadata.deletionTimestamp).toBeDefined();
    });
  });

  it('breaks a circle of objects that wait for each other', async () => {
    await start();
    const a = make(refs.configMaps, 'a');
    const b = make(refs.configMaps, 'b', {
      ownerReferences: [ownedBy(refs.configMaps, a, { blockOwnerDeletion: true })],
    });
    store().put(refs.configMaps, {
      ...a,
      metadata: { ...a.metadata, ownerReferences: [ownedBy(refs.configMaps, b, { blockOwnerDeletion: true })] },
    });
    await settle();
    remove(refs.configMaps, 'a', 'Foreground');
    await eventually(() => {
      expect(names(refs.configMaps)).toEqual([]);
    });
  });

  it('honours a finalizer that orphans when it deletes', async () => {
    await start();
    const top = make(refs.configMaps, 'top');
    const middle = make(refs.secrets, 'middle', {
      ownerReferences: [ownedBy(refs.configMaps, top)],
      finalizers: ['orphan'],
    });
    make(refs.pods, 'leaf', { ownerReferences: [ownedBy(refs.secrets, middle)] });
    await settle();
    remove(refs.configMaps, 'top', 'Background');
    await eventually(() => {
      expect(names(refs.secrets)).toEqual([]);
    });
    await settle();
    expect(names(refs.pods)).toEqual(['leaf']);
  });

  it('takes an owner in another namespace for absent, and says so', async () => {
    await start();
    const owner = store().create(refs.configMaps, 'other', { metadata: { name: 'owner' } });
    await settle();
    make(refs.secrets, 'stray', { ownerReferences: [ownedBy(refs.configMaps, owner)] });
    await eventually(() => {
      expect(names(refs.secrets)).toEqual([]);
    });
    await eventually(() => {
      expect(store().list(refs.events, 'default')).toMatchObject([
        {
          reason: 'OwnerRefInvalidNamespace',
          involvedObject: { kind: 'Secret', name: 'stray' },
          message: `ownerRef [v1/ConfigMap, namespace: default, name: owner, uid: ${owner.metadata.uid ?? ''}] does not exist in namespace "default"`,
        },
      ]);
    });
    expect(names(refs.configMaps)).toEqual(['owner']);
  });

  it('leaves a cluster-scoped object alone that names a namespaced owner', async () => {
    await start();
    make(refs.nodes, 'node-1', {
      ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'none', uid: 'uid-none' }],
    });
    await settle();
    expect(names(refs.nodes)).toEqual(['node-1']);
  });

  it('lets cluster-scoped owners own namespaced objects', async () => {
    await start();
    const node = make(refs.nodes, 'node-1');
    make(refs.leases, 'node-1', { ownerReferences: [ownedBy(refs.nodes, node)] });
    await settle();
    expect(names(refs.leases)).toEqual(['node-1']);
    store().delete(refs.nodes, '', 'node-1');
    await eventually(() => {
      expect(names(refs.leases)).toEqual([]);
    });
  });

  it('reads metadata only, and no Events', async () => {
    await start();
    await settle();
    const listed = harness.api.requests.map((r) => r.path);
    expect(listed).toContain('/apis/apps/v1/deployments');
    expect(listed).not.toContain('/api/v1/events');
  });

  it('begins although a collection cannot be read, and tries discovery until it answers', async () => {
    let refusals = 2;
    const time = fakeClock();
    harness = await startControllersForTest([garbageCollector], {
      time,
      prepare: ({ api }) => {
        api.refuse(({ path }) => {
          if (path === '/apis' && refusals-- > 0) return statusErrors.serviceUnavailable('not yet');
          return path.endsWith('/limitranges') ? statusErrors.forbidden(refs.limitRanges, '', 'no') : undefined;
        });
        const lost = { apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid: 'uid-gone' };
        api.store.put(refs.secrets, { metadata: { namespace: 'default', name: 'left-over', ownerReferences: [lost] } });
      },
    });
    await eventually(async () => {
      await time.advance(1_000);
      expect(names(refs.secrets)).toEqual([]);
    });
  });
});

describe('the garbage collector and kinds that come and go', () => {
  const widgets: ResourceRef = {
    group: 'example.org',
    version: 'v1',
    resource: 'widgets',
    kind: 'Widget',
    namespaced: true,
  };

  it('collects what a kind owns that it learns of later', async () => {
    const time = fakeClock();
    harness = await startControllersForTest([garbageCollector], { time });
    await eventually(async () => {
      await time.advance(100);
      expect(harness.api.requests.some((r) => r.path === '/apis')).toBe(true);
    });
    harness.api.serve(widgets);
    const widget = make(widgets, 'w');
    make(refs.configMaps, 'of-widget', { ownerReferences: [ownedBy(widgets, widget)] });
    await time.advance(31_000);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(names(refs.configMaps)).toEqual(['of-widget']);
    remove(widgets, 'w', 'Background');
    await eventually(async () => {
      await time.advance(100);
      expect(names(refs.configMaps)).toEqual([]);
    });
  });
});
