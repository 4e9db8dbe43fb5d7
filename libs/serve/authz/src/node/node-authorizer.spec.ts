import { type MemoryStorage, memoryStorage } from '@reckon/store/storage/suites';
import { beforeEach, describe, expect, it } from 'vitest';
import type { AuthzAttributes, Decision } from '../authorizer';
import { unionAuthorizer } from '../union-authorizer';
import { manyNodesAuthorizer, manyNodesGroup } from './many-nodes';
import { type NodeAuthorizer, nodeAuthorizer } from './node-authorizer';

const core = (resource: string) => ({ group: '', resource });

let memory: MemoryStorage;
let authorizer: NodeAuthorizer;

const ask = (parts: Partial<AuthzAttributes>, user = 'system:node:a', groups = ['system:nodes']): Decision =>
  authorizer.authorize({
    user: { name: user, groups },
    verb: 'get',
    isResource: true,
    group: '',
    version: 'v1',
    resource: 'pods',
    subresource: '',
    namespace: 'ns',
    name: '',
    path: '',
    ...parts,
  }) as Decision;
const may = (parts: Partial<AuthzAttributes>, user?: string): boolean => ask(parts, user).allowed;
const reason = (parts: Partial<AuthzAttributes>): string => {
  const decision = ask(parts);
  expect(decision.allowed).toBe(false);
  return decision.reason;
};
const unrelated = "no relationship found between node 'a' and this object";
const putPod = (name: string, spec: object, metadata: object = {}): Promise<void> =>
  memory.put(core('pods'), { metadata: { namespace: 'ns', name, ...metadata }, spec });
const equals = (field: string, value: string) => [{ field, operator: '=' as const, value }];

beforeEach(async () => {
  memory = await memoryStorage();
  authorizer = nodeAuthorizer(memory);
});

describe('who is a node', () => {
  it('is told by the name and the group together', () => {
    const services = { resource: 'services', verb: 'list' };
    expect(ask(services)).toEqual({ allowed: true, reason: '' });
    expect(ask(services, 'system:node:a', ['dev'])).toEqual({ allowed: false, reason: '' });
    expect(ask(services, 'jane')).toEqual({ allowed: false, reason: '' });
    expect(ask(services, 'system:node:')).toEqual({ allowed: false, reason: 'unknown node for user "system:node:"' });
    expect(authorizer.rulesFor({ name: 'jane', groups: ['system:nodes'] }, 'ns').errors).toEqual([]);
    expect(authorizer.rulesFor({ name: 'system:node:a', groups: ['system:nodes'] }, 'ns').errors).toEqual([
      'node authorizer does not support user rule resolution',
    ]);
  });

  it('is not who is many nodes, whom its group gives the rules of all', async () => {
    const user = { name: 'system:node:reckon', groups: ['system:nodes', manyNodesGroup] };
    const get = { user, verb: 'get', isResource: true, group: '', version: 'v1', resource: 'secrets' };
    const request = { ...get, subresource: '', namespace: 'ns', name: 's', path: '' };
    expect(authorizer.authorize(request)).toEqual({ allowed: false, reason: '' });
    expect(await manyNodesAuthorizer().authorize(request)).toEqual({ allowed: true, reason: '' });
    const named = { ...request, user: { name: user.name, groups: ['system:nodes'] } };
    expect(await manyNodesAuthorizer().authorize(named)).toEqual({ allowed: false, reason: '' });
    expect(authorizer.rulesFor(user, 'ns')).toEqual({ rules: [], errors: [] });
  });

  it('gets the rules of system:node for what belongs to no node', () => {
    expect(may({ resource: 'services', verb: 'watch' })).toBe(true);
    expect(may({ resource: 'services', verb: 'create' })).toBe(false);
    expect(may({ group: 'events.k8s.io', resource: 'events', verb: 'create' })).toBe(true);
    expect(may({ group: 'authentication.k8s.io', resource: 'tokenreviews', verb: 'create' })).toBe(true);
    expect(may({ isResource: false, path: '/metrics', resource: '' })).toBe(false);
  });
});

describe('what pods of a node refer to', () => {
  const env = (kind: string, name: string) => [{ name: 'E', valueFrom: { [kind]: { name, key: 'k' } } }];
  const references: readonly (readonly [string, string, object])[] = [
    ['secrets', 'an image pull secret', { imagePullSecrets: [{ name: 'x' }] }],
    ['secrets', 'a variable', { containers: [{ env: env('secretKeyRef', 'x') }] }],
    [
      'secrets',
      'all variables of an init container',
      { initContainers: [{ envFrom: [{ secretRef: { name: 'x' } }] }] },
    ],
    ['secrets', 'a volume', { volumes: [{ name: 'v', secret: { secretName: 'x' } }] }],
    ['secrets', 'a projected volume', { volumes: [{ projected: { sources: [{ secret: { name: 'x' } }] } }] }],
    ['secrets', 'a driver', { volumes: [{ csi: { driver: 'd', nodePublishSecretRef: { name: 'x' } } }] }],
    ['configmaps', 'a variable', { containers: [{ env: env('configMapKeyRef', 'x') }] }],
    ['configmaps', 'all variables', { containers: [{ envFrom: [{ configMapRef: { name: 'x' } }] }] }],
    ['configmaps', 'a volume', { volumes: [{ name: 'v', configMap: { name: 'x' } }] }],
    ['configmaps', 'a projected volume', { volumes: [{ projected: { sources: [{ configMap: { name: 'x' } }] } }] }],
    ['persistentvolumeclaims', 'a claim', { volumes: [{ persistentVolumeClaim: { claimName: 'x' } }] }],
  ];

  it.each(references)('may be read: %s through %s', async (resource, _, spec) => {
    expect(reason({ resource, name: 'x' })).toBe(unrelated);
    await putPod('p', { ...spec, nodeName: 'a' });
    expect(may({ resource, name: 'x' })).toBe(true);
    expect(may({ resource, name: 'y' })).toBe(false);
    expect(may({ resource, name: 'x', namespace: 'other' })).toBe(false);
    expect(may({ resource, name: 'x' }, 'system:node:b')).toBe(false);
    await memory.remove({ ...core('pods'), namespace: 'ns', name: 'p' });
    expect(may({ resource, name: 'x' })).toBe(false);
  });

  it('may be read once a pod is bound, by each node that has one', async () => {
    const volumes = [{ name: 'v', configMap: { name: 'root' } }];
    await putPod('p', { volumes });
    expect(may({ resource: 'configmaps', name: 'root' })).toBe(false);
    await putPod('p', { volumes, nodeName: 'a' });
    await putPod('q', { volumes, nodeName: 'a' });
    await putPod('r', { volumes, nodeName: 'b' });
    await memory.remove({ ...core('pods'), namespace: 'ns', name: 'p' });
    for (const user of ['system:node:a', 'system:node:b'])
      expect(may({ resource: 'configmaps', name: 'root' }, user)).toBe(true);
    await memory.remove({ ...core('pods'), namespace: 'ns', name: 'q' });
    expect(may({ resource: 'configmaps', name: 'root' })).toBe(false);
    expect(may({ resource: 'configmaps', name: 'root' }, 'system:node:b')).toBe(true);
  });

  it('grows with ephemeral containers and claims that are made later', async () => {
    await putPod('p', { nodeName: 'a', resourceClaims: [{ name: 'gpu' }] });
    const ephemeralContainers = [{ name: 'e', envFrom: [{ secretRef: { name: 'late' } }] }];
    await putPod('p', { nodeName: 'a', ephemeralContainers });
    expect(may({ resource: 'secrets', name: 'late' })).toBe(true);
    await memory.put(core('pods'), {
      metadata: { namespace: 'ns', name: 'p' },
      spec: { nodeName: 'a', resourceClaims: [{ name: 'gpu' }, { name: 'own', resourceClaimName: 'mine' }] },
      status: { resourceClaimStatuses: [{ name: 'gpu', resourceClaimName: 'p-gpu-1' }] },
    });
    const claim = { group: 'resource.k8s.io', resource: 'resourceclaims' };
    for (const name of ['p-gpu-1', 'mine']) expect(may({ ...claim, name })).toBe(true);
    await putPod('q', { nodeName: 'a' });
    await memory.put(core('pods'), {
      metadata: { namespace: 'ns', name: 'q' },
      spec: { nodeName: 'a' },
      status: { extendedResourceClaimStatus: { resourceClaimName: 'q-extended' } },
    });
    expect(may({ ...claim, name: 'q-extended' })).toBe(true);
    expect(may({ resource: 'secrets', name: 'late' })).toBe(false);
  });

  it('gives nothing through mirror pods, which nodes make themselves', async () => {
    const annotations = { 'kubernetes.io/config.mirror': 'x' };
    await putPod('m', { nodeName: 'a', volumes: [{ secret: { secretName: 'x' } }] }, { annotations });
    expect(may({ resource: 'secrets', name: 'x' })).toBe(false);
    expect(may({ name: 'm' })).toBe(true);
  });

  it('leads through claims to volumes and their secrets', async () => {
    await memory.put(core('persistentvolumes'), {
      metadata: { name: 'pv' },
      spec: {
        claimRef: { namespace: 'ns', name: 'data' },
        azureFile: { secretName: 'azure' },
        csi: {
          driver: 'd',
          nodeStageSecretRef: { namespace: 'store', name: 'stage' },
          controllerPublishSecretRef: { namespace: 'store', name: 'controller' },
        },
      },
    });
    const volume = { resource: 'persistentvolumes', namespace: '', name: 'pv' };
    const stage = { resource: 'secrets', namespace: 'store', name: 'stage' };
    expect([may(volume), may(stage)]).toEqual([false, false]);
    await putPod('p', { nodeName: 'a', volumes: [{ persistentVolumeClaim: { claimName: 'data' } }] });
    expect([may(volume), may(stage), may({ resource: 'secrets', name: 'azure' })]).toEqual([true, true, true]);
    expect(may({ ...stage, name: 'controller' })).toBe(false);
    expect(may(volume, 'system:node:b')).toBe(false);
    await memory.remove({ ...core('persistentvolumes'), namespace: '', name: 'pv' });
    expect([may(volume), may(stage)]).toEqual([false, false]);
  });

  it('leads through templates to claims that are named after pod and volume', async () => {
    await putPod('p', { nodeName: 'a', volumes: [{ name: 'scratch', ephemeral: { volumeClaimTemplate: {} } }] });
    expect(may({ resource: 'persistentvolumeclaims', name: 'p-scratch' })).toBe(true);
  });
});

describe('rights by kind', () => {
  it('secrets and configmaps are read one by one', async () => {
    await putPod('p', { nodeName: 'a', volumes: [{ secret: { secretName: 'x' } }] });
    for (const verb of ['get', 'list', 'watch']) expect(may({ resource: 'secrets', name: 'x', verb })).toBe(true);
    expect(reason({ resource: 'secrets', verb: 'list' })).toBe('No Object name found');
    expect(reason({ resource: 'secrets', verb: 'update', name: 'x' })).toBe('can only read resources of this type');
    expect(reason({ resource: 'secrets', name: 'x', subresource: 'status' })).toBe('cannot read subresource');
    expect(reason({ resource: 'secrets', name: 'x', namespace: '' })).toBe(
      'can only read namespaced object of this type',
    );
  });

  it('claims are read, and their status is written', async () => {
    const claim = { resource: 'persistentvolumeclaims', name: 'data' };
    await putPod('p', { nodeName: 'a', volumes: [{ persistentVolumeClaim: { claimName: 'data' } }] });
    expect(may({ ...claim, subresource: 'status', verb: 'patch' })).toBe(true);
    expect(reason({ ...claim, subresource: 'status' })).toBe('can only get/update/patch this type');
    expect(reason({ ...claim, verb: 'list' })).toBe('can only get individual resources of this type');
    expect(reason({ ...claim, subresource: 'x' })).toBe('cannot get subresource');
  });

  it('service accounts are those of its pods, with tokens', async () => {
    const account = { resource: 'serviceaccounts', name: 'bot' };
    const token = { ...account, verb: 'create', subresource: 'token' };
    expect(reason(token)).toBe(unrelated);
    await putPod('p', { nodeName: 'a', serviceAccountName: 'bot' });
    expect([may(account), may(token)]).toEqual([true, true]);
    expect(reason({ ...token, name: '' })).toBe('can only create tokens for individual service accounts');
    expect(reason({ ...account, verb: 'list' })).toBe('can only create tokens for individual service accounts');
    expect(reason({ ...token, subresource: '' })).toBe('can only create token subresource of serviceaccount');
  });

  it('leases are those of its own name in their namespace', () => {
    const lease = { group: 'coordination.k8s.io', resource: 'leases', namespace: 'kube-node-lease', name: 'a' };
    for (const verb of ['get', 'update', 'patch', 'delete']) expect(may({ ...lease, verb })).toBe(true);
    expect(may({ ...lease, verb: 'create', name: '' })).toBe(true);
    expect(reason({ ...lease, name: 'b' })).toBe(
      'can only access node lease with the same name as the requesting node',
    );
    expect(reason({ ...lease, namespace: 'ns' })).toBe(
      'can only access leases in the "kube-node-lease" system namespace',
    );
    expect(reason({ ...lease, verb: 'watch' })).toBe('can only get, create, update, patch, or delete a node lease');
  });

  it('nodes: each reads its own', () => {
    const node = { resource: 'nodes', namespace: '' };
    for (const verb of ['get', 'list', 'watch']) expect(may({ ...node, verb, name: 'a' })).toBe(true);
    expect(reason({ ...node, verb: 'list' })).toBe("node 'a' cannot read all nodes, only its own Node object");
    expect(reason({ ...node, name: 'b' })).toBe("node 'a' cannot read 'b', only its own Node object");
    for (const verb of ['create', 'update', 'patch']) expect(may({ ...node, verb, name: 'a' })).toBe(true);
    for (const verb of ['delete', 'deletecollection']) expect(reason({ ...node, verb, name: 'a' })).toBe('');
    expect(may({ ...node, verb: 'patch', name: 'a', subresource: 'status' })).toBe(true);
    expect(reason({ ...node, name: 'a', subresource: 'status' })).toBe('');
    expect(reason({ ...node, name: 'a', subresource: 'proxy' })).toBe('');
  });

  it('pods: those bound to it', async () => {
    await putPod('mine', { nodeName: 'a' });
    await putPod('theirs', { nodeName: 'b' });
    expect(may({ name: 'mine' })).toBe(true);
    expect(reason({ name: 'theirs' })).toBe(unrelated);
    const all = { verb: 'list', namespace: '' };
    expect(reason(all)).toBe('can only list/watch pods with spec.nodeName field selector');
    expect(may({ ...all, fieldSelector: equals('spec.nodeName', 'a') })).toBe(true);
    expect(may({ ...all, verb: 'watch', fieldSelector: equals('spec.nodeName', 'a') })).toBe(true);
    expect(may({ ...all, fieldSelector: equals('spec.nodeName', 'b') })).toBe(false);
    expect(may({ ...all, fieldSelector: [{ field: 'spec.nodeName', operator: '!=', value: 'a' }] })).toBe(false);
    expect(may({ verb: 'watch', name: 'mine', fieldSelector: equals('metadata.name', 'mine') })).toBe(true);
    expect(reason({ verb: 'watch', name: 'theirs' })).toBe(unrelated);
    for (const [verb, subresource] of [
      ['create', ''],
      ['delete', ''],
      ['patch', 'status'],
      ['create', 'eviction'],
    ])
      expect(may({ name: 'mine', verb: verb ?? '', subresource: subresource ?? '' })).toBe(true);
    for (const [verb, subresource] of [
      ['patch', ''],
      ['deletecollection', ''],
      ['get', 'status'],
      ['create', 'exec'],
      ['create', 'binding'],
    ])
      expect(reason({ name: 'mine', verb: verb ?? '', subresource: subresource ?? '' })).toBe('');
  });

  it('CSI nodes, attachments and slices are its own', async () => {
    const storage = { group: 'storage.k8s.io', namespace: '' };
    const csi = { ...storage, resource: 'csinodes' };
    expect(may({ ...csi, name: 'a', verb: 'update' })).toBe(true);
    expect(may({ ...csi, verb: 'create' })).toBe(true);
    expect(reason({ ...csi, name: 'b' })).toBe('can only access CSINode with the same name as the requesting node');
    expect(reason({ ...csi, verb: 'list' })).toBe('can only get, create, update, patch, or delete a CSINode');
    expect(reason({ ...csi, name: 'a', subresource: 'x' })).toBe('cannot authorize CSINode subresources');

    const attachments = { group: 'storage.k8s.io', resource: 'volumeattachments' };
    await memory.put(attachments, { metadata: { name: 'va' }, spec: { nodeName: 'a' } });
    expect(may({ ...storage, ...attachments, name: 'va' })).toBe(true);
    await memory.put(attachments, { metadata: { name: 'va' }, spec: { nodeName: 'b' } });
    expect(may({ ...storage, ...attachments, name: 'va' })).toBe(false);

    const slices = { group: 'resource.k8s.io', resource: 'resourceslices' };
    await memory.put(slices, { metadata: { name: 's' }, spec: { nodeName: 'a' } });
    await memory.put(slices, { metadata: { name: 'everywhere' }, spec: { allNodes: true } });
    const slice = { ...slices, namespace: '' };
    expect(may({ ...slice, verb: 'delete', name: 's' })).toBe(true);
    expect(reason({ ...slice, name: 'everywhere' })).toBe(unrelated);
    expect(may({ ...slice, verb: 'create' })).toBe(true);
    expect(may({ ...slice, verb: 'deletecollection', fieldSelector: equals('nodeName', 'a') })).toBe(true);
    expect(reason({ ...slice, verb: 'list' })).toBe(
      'can only list/watch/deletecollection resourceslices with nodeName field selector',
    );
    expect(reason({ ...slice, verb: 'approve', name: 's' })).toMatch(/^only the following verbs are allowed/);
    expect(reason({ ...slice, name: 's', subresource: 'x' })).toBe('cannot authorize ResourceSlice subresources');
  });
});

it('decides in microseconds, however many pods mount the same', async () => {
  const volumes = [{ name: 'v', configMap: { name: 'root' } }];
  for (let i = 0; i < 1_000; i++) await putPod(`p${i}`, { volumes, nodeName: `n${i % 100}` });
  const decisions = 20_000;
  const begun = performance.now();
  for (let i = 0; i < decisions; i++) may({ resource: 'configmaps', name: 'root' }, `system:node:n${i % 200}`);
  expect(((performance.now() - begun) / decisions) * 1_000).toBeLessThan(50);
});

it('adds its reason to those of the other authorizers, and stops following', async () => {
  const rbac = { name: 'RBAC', authorize: () => ({ allowed: false, reason: 'RBAC: none' }) };
  authorizer = { ...authorizer, ...unionAuthorizer([authorizer, rbac]) };
  expect(reason({ resource: 'secrets', name: 'x' })).toBe(`${unrelated}\nRBAC: none`);
  authorizer.stop();
  await putPod('p', { nodeName: 'a' });
  expect(may({ name: 'p' })).toBe(false);
});
