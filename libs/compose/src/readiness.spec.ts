import { type MemoryCluster, memoryCluster } from './testing/memory-cluster.suite';
import { clusterReady } from './readiness';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let cluster: MemoryCluster;
beforeEach(async () => {
  cluster = await memoryCluster();
});
afterEach(() => cluster.close());

const author = { actor: 'tester', agent: 'spec', manager: 'spec', request: '' };

async function put(resource: string, namespace: string, name: string, status: object = {}): Promise<void> {
  const key = { group: '', resource, namespace, name };
  const previous = cluster.storage.newest(key);
  const object = { apiVersion: 'v1', kind: 'X', metadata: { namespace, name, resourceVersion: '' }, status };
  await cluster.storage.commit(
    [{ key, verb: previous === undefined ? 'create' : 'update', previous: previous?.revision ?? (0 as never), object }],
    author,
  );
}

const ready = (status: string) => ({ conditions: [{ type: 'Ready', status }] });

describe('a cluster', () => {
  it('is ready with its account, root CAs and nodes, in whatever order they come', async () => {
    let isReady = false;
    await put('nodes', '', 'a', ready('True'));
    await put('configmaps', 'default', 'kube-root-ca.crt');
    const waiting = clusterReady(cluster.storage, { namespaces: ['default', 'kube-system'], nodes: 2 }).then(() => {
      isReady = true;
    });
    const step = async (write: Promise<void>): Promise<boolean> => {
      await write;
      await new Promise((resolve) => setImmediate(resolve));
      return isReady;
    };
    expect(await step(put('nodes', '', 'b', ready('False')))).toBe(false);
    expect(await step(put('nodes', '', 'a', ready('True')))).toBe(false);
    expect(await step(put('configmaps', 'elsewhere', 'kube-root-ca.crt'))).toBe(false);
    expect(await step(put('serviceaccounts', 'default', 'default'))).toBe(false);
    expect(await step(put('configmaps', 'kube-system', 'kube-root-ca.crt'))).toBe(false);
    expect(await step(put('nodes', '', 'b', ready('True')))).toBe(true);
    await waiting;
  });

  it('without nodes waits for none', async () => {
    await put('serviceaccounts', 'default', 'default');
    await put('configmaps', 'default', 'kube-root-ca.crt');
    await clusterReady(cluster.storage, { namespaces: ['default'], nodes: 0 });
  });
});
