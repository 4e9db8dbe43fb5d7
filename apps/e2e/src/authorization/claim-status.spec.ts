import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kubectl, type ReckonProcess, readKubeconfig, startReckon } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'reckon-claim-status-'));
const ownDriver = 'gpu.example.com';
let reckon: ReckonProcess;
let admin: Kubectl;
let driver: Kubectl;

beforeAll(async () => {
  const tokens = join(folder, 'tokens.csv');
  writeFileSync(tokens, 'driver-token,driver,u-1\n');
  reckon = await startReckon({ flags: ['--nodes', '0', '--token-auth-file', tokens] });
  admin = new Kubectl(reckon.kubeconfig);
  const { server, caPem } = readKubeconfig(reckon.kubeconfig);
  const file = join(folder, 'driver.kubeconfig');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server, 'certificate-authority-data': Buffer.from(caPem).toString('base64') } }],
    users: [{ name: 'driver', user: { token: 'driver-token' } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'driver' } }],
    'current-context': 'x',
  };
  writeFileSync(file, JSON.stringify(config));
  driver = new Kubectl(file);
  const roles = [
    [
      'writer',
      [{ apiGroups, resources: ['resourceclaims', 'resourceclaims/status'], verbs: ['get', 'update', 'patch'] }],
    ],
    ['binder', [{ apiGroups, resources: ['resourceclaims/binding'], verbs: ['update', 'patch'] }]],
    [
      'teller',
      [
        {
          apiGroups,
          resources: ['resourceclaims/driver'],
          resourceNames: [ownDriver],
          verbs: ['arbitrary-node:update', 'arbitrary-node:patch'],
        },
      ],
    ],
  ] as const;
  for (const [name, rules] of roles)
    await apply({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name }, rules });
  await admin.run('create clusterrolebinding writer --clusterrole=writer --user=driver');
  await apply({
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceClaim',
    metadata: { name: 'card', namespace: 'default' },
    spec: { devices: { requests: [{ name: 'one', exactly: { deviceClassName: 'gpu' } }] } },
  });
});
afterAll(async () => {
  await reckon.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const apiGroups = ['resource.k8s.io'];
const apply = (object: object): Promise<string> => admin.run('apply -f -', { stdin: JSON.stringify(object) });
const patch = (status: object) => {
  const body = JSON.stringify({ status });
  return driver.try(['patch', 'resourceclaim', 'card', '--subresource=status', '--type=merge', '-p', body]);
};
const result = (name: string) => ({ request: 'one', driver: name, pool: 'p', device: 'd0' });
const says = (name: string) => ({
  driver: name,
  pool: 'p',
  device: 'd0',
  conditions: [
    { type: 'Ready', status: 'True', reason: 'Up', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' },
  ],
});
const statusNow = async (): Promise<unknown> =>
  (JSON.parse(await admin.run('get resourceclaim card -o json')) as { status?: unknown }).status;

describe('who may write the status of a claim', () => {
  const allocation = { devices: { results: [result(ownDriver), result('nic.example.com')] } };

  it('gives it no devices without the right to bind, whatever the status itself allows', async () => {
    for (const status of [{ allocation }, { allocation, reservedFor: [{ resource: 'pods', name: 'p', uid: 'u' }] }]) {
      const refused = await patch(status);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain(
        'status: Forbidden: changing status.allocation or status.reservedFor requires resource="resourceclaims/binding", verb="patch" permission',
      );
      expect(refused.stderr).toContain(
        'User "driver" cannot patch resource "resourceclaims/binding" in API group "resource.k8s.io" at the cluster scope',
      );
    }
    expect(await statusNow()).toEqual({});
    // In one namespace is not in the whole cluster.
    await admin.run('create rolebinding binder --clusterrole=binder --user=driver -n default');
    expect((await patch({ allocation })).stderr).toContain('at the cluster scope');
    await admin.run('create clusterrolebinding binder --clusterrole=binder --user=driver');
    expect(await patch({ allocation })).toMatchObject({ code: 0 });
    expect(await statusNow()).toMatchObject({ allocation });
  });

  it('speaks of the devices of those drivers only that it may speak for', async () => {
    const refused = await patch({ devices: [says(ownDriver)] });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(
      'status.devices: Forbidden: changing status.devices requires resource="resourceclaims/driver", verb="[arbitrary-node:patch]" permission',
    );
    await admin.run('create rolebinding teller --clusterrole=teller --user=driver -n default');
    expect(await patch({ devices: [says(ownDriver)] })).toMatchObject({ code: 0 });
    const other = await patch({ devices: [says(ownDriver), says('nic.example.com')] });
    expect(other.stderr).toContain('"nic.example.com" is forbidden: User "driver" cannot arbitrary-node:patch');
    expect(await statusNow()).toMatchObject({ allocation, devices: [{ driver: ownDriver }] });
    // By PUT as by PATCH.
    const claim = JSON.parse(await driver.run('get resourceclaim card -o json')) as { status: object };
    const put = async (status: object) =>
      driver.try(['replace', '--subresource=status', '-f', '-'], {
        stdin: JSON.stringify({ ...claim, status: { ...claim.status, ...status } }),
      });
    expect((await put({ devices: [says('nic.example.com')] })).stderr).toContain('verb="[arbitrary-node:update]"');
    expect(await put({ devices: [] })).toMatchObject({ code: 0 });
  });
});
