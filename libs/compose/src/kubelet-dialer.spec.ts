import { noRevision } from '@reckon/store/contract';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { kubeletDialer } from './kubelet-dialer';
import { type MemoryCluster, memoryCluster } from './testing/memory-cluster.suite';

let cluster: MemoryCluster;
beforeAll(async () => {
  cluster = await memoryCluster();
  const node = async (name: string, status: object): Promise<void> => {
    const key = { group: '', resource: 'nodes', namespace: '', name };
    const object = { apiVersion: 'v1', kind: 'Node', metadata: { name, resourceVersion: '' }, status };
    const author = { actor: 'tester', agent: 'spec', manager: 'spec', request: '' };
    await cluster.storage.commit([{ key, verb: 'create', previous: noRevision, object }], author);
  };
  const addresses = [
    { type: 'Hostname', address: 'host' },
    { type: 'ExternalIP', address: '198.51.100.1' },
    { type: 'InternalIP', address: '10.0.0.1' },
  ];
  await node('a', { addresses, daemonEndpoints: { kubeletEndpoint: { Port: 12_345 } } });
  await node('bare', {});
  await node('old', { addresses });
});
afterAll(() => cluster.close());

it('a kubelet is where its Node says, by the best type of address', () => {
  const dial = (preferred: readonly string[]) => kubeletDialer(cluster.storage, { preferred, tls: 'unverified' })('a');
  expect(dial(['InternalIP', 'Hostname'])).toEqual({ host: '10.0.0.1', port: 12_345, tls: 'unverified' });
  expect(dial(['InternalDNS', 'Hostname']).host).toBe('host');
});

it('a known host goes before any address, and a Node that tells no port has the usual one', () => {
  const client = { cert: 'c', key: 'k' };
  const dial = kubeletDialer(cluster.storage, { preferred: [], host: '127.0.0.1', tls: { caPem: 'ca' }, client });
  expect(dial('old')).toEqual({ host: '127.0.0.1', port: 10_250, tls: { caPem: 'ca' }, client });
});

it('a Node that is not there or tells no address cannot be reached, and the answer says why', () => {
  const dial = kubeletDialer(cluster.storage, { preferred: ['InternalIP'], tls: 'unverified' });
  expect(() => dial('none')).toThrow('nodes "none" not found');
  expect(() => dial('bare')).toThrow('no preferred addresses found; known addresses: []');
});
