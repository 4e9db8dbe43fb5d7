import { noRevision } from '@reckon/store/contract';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@reckon/kernel';
import { ensurePki } from '@reckon/pki';
import { clusterKubelets } from './cluster-kubelets';
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

const unverified = () => 'unverified' as const;

it('a kubelet is where its Node says, by the best type of address', () => {
  const dial = (preferred: readonly string[]) => kubeletDialer(cluster.storage, { preferred, tls: unverified })('a');
  expect(dial(['InternalIP', 'Hostname'])).toEqual({ host: '10.0.0.1', port: 12_345, tls: 'unverified' });
  expect(dial(['InternalDNS', 'Hostname']).host).toBe('host');
});

it('a known host goes before any address, and a Node that tells no port has the usual one', () => {
  let client = { cert: 'c', key: 'k' };
  let tls = { caPem: 'ca' };
  const dial = kubeletDialer(cluster.storage, {
    preferred: [],
    host: '127.0.0.1',
    tls: () => tls,
    client: () => client,
  });
  expect(dial('old')).toEqual({ host: '127.0.0.1', port: 10_250, tls: { caPem: 'ca' }, client });
  client = { cert: 'c2', key: 'k2' };
  tls = { caPem: 'ca2' };
  expect(dial('old')).toMatchObject({ tls: { caPem: 'ca2' }, client: { cert: 'c2', key: 'k2' } });
});

it('a Node that is not there or tells no address cannot be reached, and the answer says why', () => {
  const dial = kubeletDialer(cluster.storage, { preferred: ['InternalIP'], tls: unverified });
  expect(() => dial('none')).toThrow('nodes "none" not found');
  expect(() => dial('bare')).toThrow('no preferred addresses found; known addresses: []');
});

it('of a whole cluster, its own nodes are where their kubelet is, and those that joined where they say', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'reckon-kubelets-'));
  const pki = await ensurePki(folder, { clock: systemClock, serviceIp: '10.96.0.1', hosts: [] });
  rmSync(folder, { recursive: true });
  const here = { host: '127.0.0.1', port: 1, token: 't' };
  const dial = clusterKubelets({ storage: cluster.storage, pki, own: () => here });
  expect([dial('reckon-node-0'), dial('reckon-node-17')]).toEqual([here, here]);
  expect(dial('a')).toEqual({
    host: '10.0.0.1',
    port: 12_345,
    tls: 'unverified',
    client: { cert: expect.stringContaining('CERTIFICATE') as string, key: expect.stringContaining('KEY') as string },
  });
  expect(() => dial('reckon-node-x')).toThrow('nodes "reckon-node-x" not found');
});
