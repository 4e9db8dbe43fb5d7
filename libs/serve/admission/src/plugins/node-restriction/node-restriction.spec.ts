import type { AuthzAttributes } from '@reckon/serve/authz';
import { beforeEach, describe, expect, it } from 'vitest';
import { type AdmissionFixture, admissionFixture, type Ask, rowOf } from '../../testing/admission-fixture.suite';
import { forbiddenLabels } from './node-labels';

const core = (resource: string) => ({ group: '', resource });
const nodeUser = { name: 'system:node:a', groups: ['system:nodes'] };
const podRow = rowOf('', 'v1', 'pods');
const nodeRow = rowOf('', 'v1', 'nodes');

let fixture: AdmissionFixture;
let asked: AuthzAttributes[];
let isAllowed = false;

beforeEach(async () => {
  asked = [];
  fixture = await admissionFixture({
    enable: ['NodeRestriction'],
    // Others have their own say about pods.
    disable: ['ServiceAccount', 'Priority', 'LimitRanger', 'DefaultTolerationSeconds'],
    authorizer: {
      authorize: (attributes) => {
        asked.push(attributes);
        return Promise.resolve({ allowed: isAllowed, reason: '' });
      },
    },
  });
  isAllowed = false;
  await fixture.put(core('nodes'), { metadata: { name: 'a', uid: 'node-uid' } });
  for (const [name, nodeName] of [
    ['mine', 'a'],
    ['theirs', 'b'],
  ])
    await fixture.put(core('pods'), {
      metadata: { namespace: 'default', name, uid: `${name}-uid` },
      spec: { nodeName },
    });
});

const ask = async (given: Ask): Promise<string> => {
  const answer = await fixture.ask({ user: nodeUser, ...given });
  return typeof answer === 'string' ? answer.replace(/^403 \S+ "[^"]*" is forbidden: /, '') : 'admitted';
};

describe('whom it restricts', () => {
  const object = { metadata: { name: 'b' } };

  it('nodes, and nobody else', async () => {
    expect(await ask({ row: nodeRow, object })).toBe('node "a" is not allowed to modify node "b"');
    expect(await ask({ row: nodeRow, object, user: { name: 'jane', groups: ['system:nodes'] } })).toBe('admitted');
    expect(await ask({ row: nodeRow, object, user: { name: 'system:node:', groups: ['system:nodes'] } })).toBe(
      'could not determine node from user "system:node:"',
    );
    expect(await ask({ row: rowOf('', 'v1', 'events'), object })).toBe('admitted');
  });

  it('only when it is switched on', async () => {
    const off = await admissionFixture();
    expect(await off.ask({ row: nodeRow, namespace: '', object, user: nodeUser })).toMatchObject(object);
  });
});

describe('pods', () => {
  const owner = { apiVersion: 'v1', kind: 'Node', name: 'a', uid: 'node-uid', controller: true };
  const mirror = (spec: object = {}, metadata: object = {}): object => ({
    metadata: {
      name: 'm',
      namespace: 'default',
      annotations: { 'kubernetes.io/config.mirror': 'x' },
      ownerReferences: [owner],
      ...metadata,
    },
    spec: { nodeName: 'a', containers: [], ...spec },
  });

  const volume = (source: object): object => ({ volumes: [{ name: 'v', ...source }] });
  const projected = (...sources: object[]): object =>
    volume({ projected: { sources: [{ downwardAPI: {} }, ...sources] } });

  it.each<readonly [string, object, string]>([
    ['a mirror pod of its own', mirror(), 'admitted'],
    [
      'a pod that is no mirror',
      mirror({}, { annotations: {} }),
      'pod does not have "kubernetes.io/config.mirror" annotation, node "a" can only create mirror pods',
    ],
    [
      'one on another node',
      mirror({ nodeName: 'b' }),
      'node "a" can only create pods with spec.nodeName set to itself',
    ],
    [
      'one of two owners',
      mirror({}, { ownerReferences: [owner, owner] }),
      'node "a" can only create pods with a single owner reference set to itself',
    ],
    [
      'one of no owner',
      mirror({}, { ownerReferences: [] }),
      'node "a" can only create pods with an owner reference set to itself',
    ],
    [
      'one of another owner',
      mirror({}, { ownerReferences: [{ ...owner, name: 'b' }] }),
      'node "a" can only create pods with an owner reference set to itself',
    ],
    [
      'one that it does not control',
      mirror({}, { ownerReferences: [{ ...owner, controller: false }] }),
      'node "a" can only create pods with a controller owner reference set to itself',
    ],
    [
      'one that blocks its deletion',
      mirror({}, { ownerReferences: [{ ...owner, blockOwnerDeletion: true }] }),
      'node "a" must not set blockOwnerDeletion on an owner reference',
    ],
    [
      'one of a node of its name from before',
      mirror({}, { ownerReferences: [{ ...owner, uid: 'old' }] }),
      'node a UID mismatch: expected old got node-uid',
    ],
    [
      'one with an account',
      mirror({ serviceAccountName: 'bot' }),
      'node "a" can not create pods that reference serviceaccounts',
    ],
    [
      'one with a secret',
      mirror({ imagePullSecrets: [{ name: 's' }] }),
      'node "a" can not create pods that reference secrets',
    ],
    [
      'one with a config map',
      mirror({ volumes: [{ name: 'v', configMap: { name: 'c' } }] }),
      'node "a" can not create pods that reference configmaps',
    ],
    [
      'one with a trust bundle',
      mirror({ volumes: [{ projected: { sources: [{ clusterTrustBundle: {} }] } }] }),
      'node "a" can not create pods that reference clustertrustbundles',
    ],
    [
      'one with a claim',
      mirror({ volumes: [{ persistentVolumeClaim: { claimName: 'c' } }] }),
      'node "a" can not create pods that reference persistentvolumeclaims',
    ],
    ...(
      [
        ['a claim of resources', { resourceClaims: [{ name: 'r', resourceClaimName: 'c' }] }, 'resourceclaims'],
        ['a claim from a template', volume({ ephemeral: {} }), 'persistentvolumeclaims (via ephemeral volumes)'],
        ['a CSI volume', volume({ csi: { driver: 'd' } }), 'csidrivers (via CSI volumes)'],
        ['a CSI volume with a secret', volume({ csi: { nodePublishSecretRef: { name: 's' } } }), 'secrets'],
        ['a glusterfs volume', volume({ glusterfs: { endpoints: 'e' } }), 'endpoints (via glusterFS volumes)'],
        ['an azureFile volume without a name', volume({ azureFile: {} }), 'secrets (via azureFile volumes)'],
        ['a secret without a name', volume({ secret: {} }), 'secrets (via secret volumes)'],
        ['a config map without a name', volume({ configMap: {} }), 'configmaps (via configmap volumes)'],
        ['a pod certificate', projected({ podCertificate: {} }), 'podcertificates'],
        ['a token', projected({ serviceAccountToken: {} }), 'serviceaccounts (via projected volumes)'],
        ['a projected secret without a name', projected({ secret: {} }), 'secrets (via projected volumes)'],
        ['a projected config map without a name', projected({ configMap: {} }), 'configmaps (via projected volumes)'],
      ] as const
    ).map(
      ([what, spec, reference]) =>
        [`one with ${what}`, mirror(spec), `node "a" can not create pods that reference ${reference}`] as const,
    ),
    ['one that projects from nowhere', mirror(projected({})), 'unknown source for projected volume "v"'],
    [
      'one that projects from nowhere before anything else',
      mirror(projected({}, { secret: {} })),
      'unknown source for projected volume "v"',
    ],
    ['one with a volume of no kind', mirror(volume({})), 'unknown volume type for volume  "v"'],
    ['one of nothing but its node', mirror(volume({ hostPath: { path: '/' }, emptyDir: {} })), 'admitted'],
    ['one that shows itself', mirror(projected({ downwardAPI: {} })), 'admitted'],
  ])('it creates mirrors only: %s', async (_, object, answer) => {
    expect(await ask({ object })).toBe(answer);
  });

  it('it deletes its own, and updates none', async () => {
    const remove = (name: string) => ask({ operation: 'DELETE', name });
    expect(await remove('mine')).toBe('admitted');
    expect(await remove('theirs')).toBe('node "a" can only delete pods with spec.nodeName set to itself');
    expect(await remove('none')).toBe('404 pod "none" not found');
    expect(await ask({ operation: 'UPDATE', object: mirror(), oldObject: mirror() })).toBe(
      'unexpected operation "UPDATE", node "a" can only create and delete mirror pods',
    );
    expect(await ask({ subresource: 'binding', object: mirror() })).toBe(
      `unexpected pod subresource "binding", only 'status' and 'eviction' are allowed`,
    );
  });

  it('of its own it writes the status, but not labels or claims', async () => {
    const status = (object: object, oldObject: object = object) =>
      ask({ operation: 'UPDATE', subresource: 'status', object, oldObject });
    const pod = { metadata: { name: 'mine', labels: { a: '1' } }, spec: { nodeName: 'a' }, status: {} };
    expect(await status({ ...pod, status: { phase: 'Running' } }, pod)).toBe('admitted');
    expect(await status(pod, { ...pod, spec: { nodeName: 'b' } })).toBe(
      'node "a" can only update pod status for pods with spec.nodeName set to itself',
    );
    expect(await status({ ...pod, metadata: { name: 'mine' } }, pod)).toBe(
      'node "a" cannot update labels through pod status',
    );
    const claims = { resourceClaimStatuses: [{ name: 'gpu', resourceClaimName: 'g' }] };
    expect(await status({ ...pod, status: claims }, pod)).toBe('node "a" cannot update resource claim statues');
    const extended = { extendedResourceClaimStatus: { resourceClaimName: 'g', requestMappings: [] } };
    expect(await status({ ...pod, status: extended }, pod)).toMatch(/extended resource claim status$/);
    expect(await ask({ subresource: 'status', object: pod })).toBe('unexpected operation "CREATE"');
  });

  it('it evicts its own', async () => {
    const evict = (name: string, object: object = {}) =>
      ask({ subresource: 'eviction', name, object: { metadata: {}, ...object } });
    expect(await evict('mine')).toBe('admitted');
    expect(await evict('', { metadata: { name: 'mine' } })).toBe('admitted');
    expect(await evict('theirs')).toBe('node a can only evict pods with spec.nodeName set to itself');
    expect(await evict('none')).toBe('404 pod "none" not found');
    expect(await evict('')).toBe('could not determine pod from request data');
    expect(await ask({ operation: 'DELETE', subresource: 'eviction', name: 'mine' })).toBe(
      'unexpected operation DELETE',
    );
  });

  it('needs its Node to be there', async () => {
    await fixture.remove({ ...core('nodes'), namespace: '', name: 'a' });
    expect(await ask({ row: podRow, object: mirror() })).toBe('404 node "a" not found');
  });
});

describe('its Node', () => {
  const node = {
    metadata: { name: 'a', labels: { mine: '1' } },
    spec: { taints: [{ key: 'k', effect: 'NoSchedule' }] },
  };
  const create = (object: object) => ask({ row: nodeRow, namespace: '', object });
  const update = (object: object, oldObject: object = node) =>
    ask({ row: nodeRow, namespace: '', operation: 'UPDATE', object, oldObject });

  it('is registered with taints, and with labels that it may have', async () => {
    expect(await create(node)).toBe('admitted');
    const labels = {
      'example.com/x': '',
      'kubernetes.io/hostname': 'a',
      'node-role.kubernetes.io/x': '',
      'a.k8s.io/b': '',
    };
    expect(await create({ metadata: { name: 'a', labels } })).toBe(
      'node "a" is not allowed to set the following labels: a.k8s.io/b, node-role.kubernetes.io/x',
    );
    expect(await create({ metadata: { name: 'a' }, spec: { configSource: { configMap: {} } } })).toBe(
      'node "a" is not allowed to create pods with a non-nil configSource',
    );
  });

  it('keeps its taints, owners and protected labels when it is updated', async () => {
    const { metadata, spec } = node;
    expect(await update({ metadata: { ...metadata, labels: { other: '2' } }, spec })).toBe('admitted');
    expect(await update({ metadata })).toBe('node "a" is not allowed to modify taints');
    const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name: 'b', uid: 'u' }];
    expect(await update({ metadata: { ...metadata, ownerReferences }, spec })).toBe(
      'node "a" is not allowed to modify ownerReferences',
    );
    const configSource = { configMap: { name: 'x' } };
    expect(await update({ metadata, spec: { ...spec, configSource } })).toBe(
      'node "a" is not allowed to update configSource to a new non-nil configSource',
    );
    const secure = { ...metadata, labels: { 'secure.node-restriction.kubernetes.io/x': '1' } };
    expect(await update({ metadata, spec }, { metadata: secure, spec })).toBe(
      'is not allowed to modify labels: secure.node-restriction.kubernetes.io/x',
    );
    expect(await update(node, { metadata: secure, spec })).toMatch(/^is not allowed to modify labels/);
    expect(await update({ metadata: secure, spec }, { metadata: secure, spec })).toBe('admitted');
  });

  it('may have these labels and not those', () => {
    const allowed = [
      'x',
      'example.com/x',
      'kubernetes.io/arch',
      'topology.kubernetes.io/zone',
      'node.kubernetes.io/instance-type',
      'foo.node.kubernetes.io/x',
      'kubelet.kubernetes.io/x',
      'notk8s.io/x',
      '__proto__',
    ];
    const forbidden = [
      'foo.k8s.io/x',
      'foo.node-restriction.kubernetes.io/x',
      'k8s.io/x',
      'kubernetes.io/x',
      'node-restriction.kubernetes.io/x',
    ];
    expect(forbiddenLabels(Object.fromEntries([...allowed, ...forbidden].map((key) => [key, 'v'])))).toEqual(forbidden);
  });
});

describe('what bears its name', () => {
  const lease = rowOf('coordination.k8s.io', 'v1', 'leases');
  const named = (name: string) => ({ metadata: { name } });

  it('leases in their namespace', async () => {
    await fixture.put(core('namespaces'), { ...named('kube-node-lease'), status: { phase: 'Active' } });
    const namespace = 'kube-node-lease';
    expect(await ask({ row: lease, namespace, object: named('a') })).toBe('admitted');
    const other = 'can only access node lease with the same name as the requesting node';
    expect(await ask({ row: lease, namespace, object: named('b') })).toBe(other);
    expect(await ask({ row: lease, namespace, operation: 'DELETE', name: 'b' })).toBe(other);
    expect(await ask({ row: lease, object: named('a') })).toBe(
      'can only access leases in the "kube-node-lease" system namespace',
    );
  });

  it('CSI nodes, and slices by their field', async () => {
    const csiNode = { ...nodeRow, group: 'storage.k8s.io', resource: 'csinodes' };
    const slice = { ...nodeRow, group: 'resource.k8s.io', resource: 'resourceslices' };
    const at = (nodeName?: string) => ({ ...named('s'), spec: { nodeName } });
    const cluster = { namespace: '' };
    expect(await ask({ ...cluster, row: csiNode, object: named('a') })).toBe('admitted');
    expect(await ask({ ...cluster, row: csiNode, operation: 'UPDATE', name: 'b', object: named('b') })).toBe(
      'can only access CSINode with the same name as the requesting node',
    );
    expect(await ask({ ...cluster, row: slice, object: at('a') })).toBe('admitted');
    expect(await ask({ ...cluster, row: slice, object: at() })).toBe(
      'can only create ResourceSlice with the same NodeName as the requesting node',
    );
    expect(await ask({ ...cluster, row: slice, operation: 'DELETE', oldObject: at('b') })).toBe(
      'can only delete ResourceSlice with the same NodeName as the requesting node',
    );
    expect(await ask({ ...cluster, row: slice, operation: 'UPDATE', object: at('b'), oldObject: at('b') })).toBe(
      'admitted',
    );
  });
});

describe('claims', () => {
  const row = { ...rowOf('', 'v1', 'configmaps'), resource: 'persistentvolumeclaims' };
  const claim = {
    metadata: { name: 'c', resourceVersion: '1' },
    spec: { volumeName: 'v' },
    status: { phase: 'Bound' },
  };

  it('get their progress written, and nothing else', async () => {
    const status = (object: object, more: Partial<Ask> = {}) =>
      ask({ row, subresource: 'status', operation: 'UPDATE', object, oldObject: claim, ...more });
    const grown = { ...claim.status, capacity: { storage: '2Gi' }, conditions: [{ type: 'Resizing', status: 'True' }] };
    expect(await status({ ...claim, metadata: { name: 'c' }, status: grown })).toBe('admitted');
    const only = 'node "a" is not allowed to update fields other than status.quantity and status.conditions: ';
    expect(await status({ ...claim, status: { phase: 'Lost' } })).toBe(`${only}status`);
    expect(await status({ ...claim, spec: {}, metadata: { name: 'c', labels: { a: '' } } })).toBe(
      `${only}metadata, spec`,
    );
    expect(await status(claim, { operation: 'CREATE' })).toBe('unexpected operation "CREATE"');
    expect(await status(claim, { subresource: '' })).toBe('may only update PVC status');
  });
});

describe('tokens', () => {
  const row = rowOf('', 'v1', 'serviceaccounts');
  const token = (spec: object, more: Partial<Ask> = {}) =>
    ask({ row, subresource: 'token', name: 'bot', object: { metadata: {}, spec }, ...more });
  const bound = (name: string, more: object = {}) => ({
    boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid: `${name}-uid` },
    ...more,
  });

  it('are bound to pods of the node', async () => {
    expect(await token({})).toBe('node requested token not bound to a pod');
    expect(await token({ boundObjectRef: { apiVersion: 'v1', kind: 'Secret', name: 'x', uid: 'u' } })).toBe(
      'node requested token not bound to a pod',
    );
    expect(await token({ boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'mine' } })).toBe(
      'node requested token with a pod binding without a uid',
    );
    expect(await token(bound('none'))).toBe('404 pod "none" not found');
    expect(await token({ boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'mine', uid: 'old' } })).toBe(
      'the UID in the bound object reference (old) does not match the UID in record. The object might have been deleted and then recreated',
    );
    expect(await token(bound('theirs'))).toBe('node requested token bound to a pod scheduled on a different node');
    expect(await token({}, { subresource: '' })).toBe('admitted');
    expect(await token({}, { operation: 'DELETE', subresource: '' })).toBe('admitted');
  });

  it('are for audiences that the pod mounts, or that an administrator allowed', async () => {
    const refused = (audience: string) =>
      `audience "${audience}" not found in pod spec volume, system:node:a is not authorized to request tokens for this audience`;
    expect(await token(bound('mine'))).toBe(refused(''));
    const sources = [{ serviceAccountToken: { path: 't' } }, { serviceAccountToken: { path: 'v', audience: 'vault' } }];
    await fixture.put(core('pods'), {
      metadata: { namespace: 'default', name: 'mine', uid: 'mine-uid' },
      spec: { nodeName: 'a', volumes: [{ name: 'v', projected: { sources } }] },
    });
    expect(await token(bound('mine'))).toBe('admitted');
    expect(await token(bound('mine', { audiences: null }))).toBe('admitted');
    expect(await token(bound('mine', { audiences: ['vault'] }))).toBe('admitted');
    expect(await token(bound('mine', { audiences: ['vault', 'x'] }))).toBe('node may only request 0 or 1 audiences');
    asked = [];
    expect(await token(bound('mine', { audiences: ['registry'] }))).toBe(refused('registry'));
    expect(asked).toMatchObject([
      {
        verb: 'request-serviceaccounts-token-audience',
        resource: 'registry',
        name: 'bot',
        namespace: 'default',
        group: '',
      },
    ]);
    isAllowed = true;
    expect(await token(bound('mine', { audiences: ['registry'] }))).toBe('admitted');
  });

  it('are for audiences of the drivers behind its volumes', async () => {
    const storage = (resource: string) => ({ group: 'storage.k8s.io', resource });
    const put = (volumes: object[]) =>
      fixture.put(core('pods'), {
        metadata: { namespace: 'default', name: 'mine', uid: 'mine-uid' },
        spec: { nodeName: 'a', volumes },
      });
    const vault = () => token(bound('mine', { audiences: ['vault'] }));
    await put([{ name: 'v', csi: { driver: 'd' } }]);
    expect(await vault()).toBe('error validating audience "vault": csidriver.storage.k8s.io "d" not found');
    await fixture.put(storage('csidrivers'), {
      metadata: { name: 'd' },
      spec: { tokenRequests: [{ audience: 'vault' }] },
    });
    expect(await vault()).toBe('admitted');
    await put([{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }]);
    expect(await vault()).toBe('error validating audience "vault": persistentvolumeclaim "c" not found');
    const claim = (name: string, spec: object) =>
      fixture.put(core('persistentvolumeclaims'), { metadata: { namespace: 'default', name }, spec });
    await claim('c', {});
    expect(await vault()).toMatch(/^audience "vault" not found/);
    await claim('c', { volumeName: 'pv' });
    expect(await vault()).toBe('error validating audience "vault": persistentvolume "pv" not found');
    await fixture.put(core('persistentvolumes'), { metadata: { name: 'pv' }, spec: { csi: { driver: 'd' } } });
    expect(await vault()).toBe('admitted');
    await claim('mine-own', { volumeName: 'pv' });
    await put([{ name: 'own', ephemeral: {} }]);
    expect(await vault()).toBe('admitted');
  });
});
