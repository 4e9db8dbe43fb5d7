import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { join } from 'node:path';
import { eventually, type Kubectl } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApartCluster } from '../apart/apart-cluster';

interface Asked {
  readonly Pod: { readonly metadata: { readonly name: string } };
  readonly NodeNames: readonly string[];
}

/** An extender with GPUs on one node. */
function gpuExtender(asked: Asked[]): Server {
  return createServer((request, response) => {
    void json(request).then((body) => {
      const args = body as Asked;
      asked.push(args);
      const without = args.NodeNames.filter((name) => name !== 'two' || args.Pod.metadata.name === 'greedy');
      response.end(
        JSON.stringify({
          NodeNames: args.NodeNames.filter((name) => !without.includes(name)),
          FailedNodes: Object.fromEntries(without.map((name) => [name, 'no free GPU'])),
        }),
      );
    });
  });
}

describe('the scheduler', () => {
  const cluster = new ApartCluster();
  const asked: Asked[] = [];
  const extender = gpuExtender(asked);
  let kubectl: Kubectl;

  beforeAll(async () => {
    await new Promise<void>((resolve) => extender.listen(0, '127.0.0.1', resolve));
    const { port } = extender.address() as AddressInfo;
    const config = join(cluster.folder, 'scheduler.yaml');
    writeFileSync(
      config,
      `apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
leaderElection: {leaderElect: false}
extenders:
- urlPrefix: http://127.0.0.1:${String(port)}/gpus
  filterVerb: filter
  nodeCacheCapable: true
  managedResources: [{name: example.com/gpu, ignoredByScheduler: true}]
`,
    );
    await cluster.apiserver();
    await Promise.all([
      cluster.controllerManager(),
      cluster.scheduler(['--config', config]),
      cluster.kubelet('one', ['--node-labels', 'topology.kubernetes.io/zone=a']),
      cluster.kubelet('two', ['--node-labels', 'topology.kubernetes.io/zone=b']),
    ]);
    kubectl = cluster.kubectl();
    // A kubelet is up before its Node is there, and a wait for what is not there ends at once.
    await kubectl.run('wait --for=create node/one node/two --timeout=60s');
    await kubectl.run('wait --for=condition=Ready node/one node/two --timeout=60s');
    await eventually(() => kubectl.run('get serviceaccount default'));
  });
  afterAll(async () => {
    await cluster.dispose();
    extender.closeAllConnections();
    extender.close();
  });

  const create = (...objects: readonly object[]): Promise<string> =>
    kubectl.run(['create', '-f', '-'], { stdin: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }) });
  const podOf = (name: string, spec: object, container: object = {}): object => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { containers: [{ name: 'c', image: 'nginx', ...container }], ...spec },
  });
  const using = (claimName: string): object => ({ volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }] });
  const nodeOf = async (name: string): Promise<string | undefined> =>
    (await kubectl.json<{ spec: { nodeName?: string } }>(`get pod ${name}`)).spec.nodeName;
  const isRefused = (name: string, why: string): Promise<void> =>
    eventually(async () => {
      const events = await kubectl.run(
        `get events --field-selector involvedObject.name=${name} -o jsonpath={..message}`,
      );
      expect(events).toContain(why);
    });
  /** A volume of a driver and a claim that is bound to it. */
  const bound = (name: string, volume: object = {}, labels: object = {}): readonly object[] => {
    const accessModes = ['ReadWriteOnce'];
    const spec = { accessModes, storageClassName: '', ...volume };
    return [
      {
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        metadata: { name, labels },
        spec: {
          capacity: { storage: '1Gi' },
          claimRef: { namespace: 'default', name },
          ...('csi' in spec || 'hostPath' in spec ? {} : { hostPath: { path: '/data' } }),
          ...spec,
        },
      },
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name },
        spec: {
          accessModes: spec.accessModes,
          storageClassName: '',
          volumeName: name,
          resources: { requests: { storage: '1Gi' } },
        },
      },
    ];
  };

  it('asks an extender about pods that want what it manages, and tells its reasons', async () => {
    const gpu = { resources: { limits: { 'example.com/gpu': '1' } } };
    await create(podOf('gpu', {}, gpu), podOf('greedy', {}, gpu), podOf('plain', {}));
    await kubectl.run('wait --for=condition=Ready pod/gpu pod/plain --timeout=60s');
    expect(await nodeOf('gpu')).toBe('two');
    await isRefused('greedy', '0/2 nodes are available: 2 no free GPU.');
    expect(asked.map(({ Pod }) => Pod.metadata.name)).not.toContain('plain');
    await kubectl.run('delete pod gpu greedy plain --now');
  });

  it('keeps a pod in the zone of its volume', async () => {
    await create(...bound('zoned', {}, { 'topology.kubernetes.io/zone': 'b' }));
    await kubectl.run('wait --for=jsonpath={.status.phase}=Bound pvc/zoned --timeout=60s');
    await create(
      podOf('in-b', using('zoned')),
      podOf('in-a', { ...using('zoned'), nodeSelector: { 'kubernetes.io/hostname': 'one' } }),
    );
    await kubectl.run('wait --for=condition=Ready pod/in-b --timeout=60s');
    expect(await nodeOf('in-b')).toBe('two');
    await isRefused('in-a', '1 node(s) had no available volume zone');
  });

  it('gives a claim that is for one pod at a time to one pod', async () => {
    await create(...bound('alone', { accessModes: ['ReadWriteOncePod'] }));
    await kubectl.run('wait --for=jsonpath={.status.phase}=Bound pvc/alone --timeout=60s');
    await create(podOf('first', using('alone')));
    await kubectl.run('wait --for=condition=Ready pod/first --timeout=60s');
    await create(podOf('second', using('alone')));
    await isRefused(
      'second',
      'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod',
    );
    await kubectl.run('delete pod first --now');
    await kubectl.run('wait --for=condition=Ready pod/second --timeout=60s');
  });

  it('gives a pod the devices that it claims by a template, and takes them back', async () => {
    const inGroup = (kind: string, name: string, spec: object): object => ({
      apiVersion: 'resource.k8s.io/v1',
      kind,
      metadata: { name },
      spec,
    });
    const driver = 'cards.example.com';
    const card = (name: string, model: string): object => ({ name, attributes: { model: { string: model } } });
    await create(
      inGroup('DeviceClass', 'card', { selectors: [{ cel: { expression: `device.driver == "${driver}"` } }] }),
      ...['one', 'two'].map((node) =>
        inGroup('ResourceSlice', `cards-of-${node}`, {
          driver,
          nodeName: node,
          pool: { name: node, generation: 1, resourceSliceCount: 1 },
          devices: [card('card-0', node === 'one' ? 'plain' : 'fast')],
        }),
      ),
      inGroup('ResourceClaimTemplate', 'fast-card', {
        spec: {
          devices: {
            requests: [
              {
                name: 'card',
                exactly: {
                  deviceClassName: 'card',
                  selectors: [{ cel: { expression: `device.attributes["${driver}"].model == "fast"` } }],
                },
              },
            ],
          },
        },
      }),
    );
    const claiming = { resourceClaims: [{ name: 'card', resourceClaimTemplateName: 'fast-card' }] };
    const container = { resources: { claims: [{ name: 'card' }] } };
    await create(podOf('player', claiming, container));
    await kubectl.run('wait --for=condition=Ready pod/player --timeout=60s');
    expect(await nodeOf('player')).toBe('two');
    const claims = (): Promise<{
      items: { status?: { allocation?: { devices: { results: object[] } }; reservedFor?: { name: string }[] } }[];
    }> => kubectl.json('get resourceclaims');
    expect(
      (await claims()).items.map(({ status }) => [status?.allocation?.devices.results, status?.reservedFor]),
    ).toEqual([
      [
        [{ request: 'card', driver, pool: 'two', device: 'card-0' }],
        [expect.objectContaining({ resource: 'pods', name: 'player' })],
      ],
    ]);
    await create(podOf('waiting', claiming, container));
    await isRefused('waiting', '2 cannot allocate all claims');
    await kubectl.run('delete pod player --now');
    await kubectl.run('wait --for=condition=Ready pod/waiting --timeout=60s');
    await kubectl.run('delete pod waiting --now');
    await eventually(async () => {
      expect((await claims()).items).toEqual([]);
    });
  });

  it('attaches no more volumes to a node than its CSINode says', async () => {
    const driver = 'disks.example.com';
    const names = ['disk-1', 'disk-2', 'disk-3'];
    await create(
      ...['one', 'two'].map((name) => ({
        apiVersion: 'storage.k8s.io/v1',
        kind: 'CSINode',
        metadata: { name },
        spec: { drivers: [{ name: driver, nodeID: name, topologyKeys: [], allocatable: { count: 1 } }] },
      })),
      ...names.flatMap((name) => bound(name, { csi: { driver, volumeHandle: name } })),
    );
    await kubectl.run(
      `wait --for=jsonpath={.status.phase}=Bound --timeout=60s ${names.map((n) => `pvc/${n}`).join(' ')}`,
    );
    for (const name of names.slice(0, 2)) {
      await create(podOf(name, using(name)));
      await kubectl.run(`wait --for=condition=Ready pod/${name} --timeout=60s`);
    }
    expect([await nodeOf('disk-1'), await nodeOf('disk-2')].sort()).toEqual(['one', 'two']);
    await create(podOf('disk-3', using('disk-3')));
    await isRefused('disk-3', '0/2 nodes are available: 2 node(s) exceed max volume count.');
    // The driver can take more.
    const patch = {
      spec: { drivers: [{ name: driver, nodeID: 'one', topologyKeys: [], allocatable: { count: 2 } }] },
    };
    await kubectl.run(['patch', 'csinode', 'one', '--type=merge', '-p', JSON.stringify(patch)]);
    await kubectl.run('wait --for=condition=Ready pod/disk-3 --timeout=60s');
    expect(await nodeOf('disk-3')).toBe('one');
  });
});
