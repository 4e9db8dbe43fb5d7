import { type KubeObject, statusErrors } from '@reckon/api/machinery';
import { refs } from '@reckon/client/rest';
import { type ClientHarness, eventually } from '@reckon/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { startControllersForTest } from '../testing/controller-test.suite';
import { namespaceController } from './namespace-controller';

let harness: ClientHarness;
afterEach(() => harness.stop());

const store = (): ClientHarness['api']['store'] => harness.api.store;
const team = (): KubeObject | undefined => store().find(refs.namespaces, '', 'team');
const conditions = (): Record<string, string> => {
  const list =
    (team()?.['status'] as { conditions?: { type: string; status: string }[] } | undefined)?.conditions ?? [];
  return Object.fromEntries(list.map((c) => [c.type, c.status]));
};
const start = async (): Promise<void> => {
  harness = await startControllersForTest([namespaceController]);
  store().create(refs.namespaces, '', { metadata: { name: 'team' } });
  store().create(refs.namespaces, '', { metadata: { name: 'other' } });
};

describe('the namespace controller', () => {
  it('takes everything out of a namespace, and nothing out of others, then lets it go', async () => {
    await start();
    for (const namespace of ['team', 'other'])
      for (const ref of [refs.configMaps, refs.secrets, refs.deployments, refs.pods, refs.endpointSlices, refs.events])
        store().create(ref, namespace, { metadata: { name: 'x' } });
    store().delete(refs.namespaces, '', 'team');
    await eventually(() => {
      expect(team()).toBeUndefined();
    });
    const left = [refs.configMaps, refs.secrets, refs.deployments, refs.pods, refs.endpointSlices, refs.events].flatMap(
      (ref) => store().list(ref),
    );
    expect(left.map((o) => o.metadata.namespace)).toEqual(Array.from({ length: 6 }, () => 'other'));
  });

  it('is done with an empty namespace in a moment, without a word about conditions', async () => {
    await start();
    store().delete(refs.namespaces, '', 'team');
    await eventually(
      () => {
        expect(team()).toBeUndefined();
      },
      { withinMs: 1_000 },
    );
    expect(harness.api.requests.filter((r) => r.path.endsWith('/status'))).toEqual([]);
  });

  it('waits for pods before it takes the rest, and says what it waits for', async () => {
    await start();
    store().put(refs.pods, {
      metadata: { namespace: 'team', name: 'slow' },
      spec: { nodeName: 'node-1' },
      status: { phase: 'Running' },
    });
    store().create(refs.configMaps, 'team', { metadata: { name: 'needed' } });
    store().delete(refs.namespaces, '', 'team');
    await eventually(() => {
      expect(conditions()['NamespaceContentRemaining']).toBe('True');
    });
    expect(store().find(refs.configMaps, 'team', 'needed')).toBeDefined();
    store().delete(refs.pods, 'team', 'slow', { gracePeriodSeconds: 0 });
    await eventually(() => {
      expect(team()).toBeUndefined();
    });
    expect(store().list(refs.configMaps, 'team')).toEqual([]);
  });

  it('waits for finalizers, and names them', async () => {
    await start();
    const held = store().create(refs.configMaps, 'team', {
      metadata: { name: 'held', finalizers: ['example.org/hold'] },
    });
    store().delete(refs.namespaces, '', 'team');
    await eventually(() => {
      expect(conditions()['NamespaceFinalizersRemaining']).toBe('True');
    });
    expect(JSON.stringify(team()?.['status'])).toContain(
      'Some resources are remaining: configmaps. has 1 resource instances',
    );
    const going = store().get(refs.configMaps, 'team', 'held');
    expect(going.metadata.uid).toBe(held.metadata.uid);
    store().update(refs.configMaps, 'team', { ...going, metadata: { ...going.metadata, finalizers: [] } });
    await eventually(() => {
      expect(team()).toBeUndefined();
    });
  });

  it('waits for finalizers of the namespace itself that are not its own', async () => {
    await start();
    const namespace = store().get(refs.namespaces, '', 'team');
    store().put(refs.namespaces, { ...namespace, spec: { finalizers: ['kubernetes', 'example.org/mine'] } });
    store().delete(refs.namespaces, '', 'team');
    await eventually(() => {
      expect(team()?.['spec']).toEqual({ finalizers: ['example.org/mine'] });
    });
  });

  it('says when a kind resists deletion or the documents cannot be read, and tries again', async () => {
    await start();
    store().create(refs.configMaps, 'team', { metadata: { name: 'x' } });
    let isClosed = true;
    harness.api.refuse(({ method, path }) => {
      if (!isClosed) return undefined;
      if (method === 'DELETE') return statusErrors.forbidden(refs.configMaps, 'x', 'not now');
      return path === '/apis' && conditions()['NamespaceDeletionContentFailure'] === 'True'
        ? statusErrors.serviceUnavailable('away')
        : undefined;
    });
    store().delete(refs.namespaces, '', 'team');
    await eventually(() => {
      expect(conditions()['NamespaceDeletionContentFailure']).toBe('True');
    });
    await eventually(() => {
      expect(conditions()['NamespaceDeletionDiscoveryFailure']).toBe('True');
    });
    expect(team()).toBeDefined();
    isClosed = false;
    await eventually(() => {
      expect(team()).toBeUndefined();
    });
  });
});
