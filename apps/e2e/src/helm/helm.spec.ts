import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Helm, Kubectl, type ReckonProcess, startReckon } from '@reckon/testkit';

const chart = join(import.meta.dirname, 'chart');
/** As helm 3 did; `apply.spec.ts` has helm 4 as it comes. */
const clientSide = '--server-side=false';
const patience = ['--wait', '--timeout', '60s'] as const;

interface Release {
  readonly revision: number;
  readonly status: string;
  readonly description: string;
}
interface Deployment {
  readonly spec: { readonly replicas: number };
  readonly status: { readonly readyReplicas?: number };
}

/** In order: each test stands on the release that the one before it left. */
describe('helm 4', () => {
  let reckon: ReckonProcess;
  let helm: Helm;
  let kubectl: Kubectl;
  beforeAll(async () => {
    reckon = await startReckon();
    helm = new Helm(reckon.kubeconfig);
    kubectl = new Kubectl(reckon.kubeconfig);
    await kubectl.run('create namespace shop');
  });
  afterAll(() => reckon.dispose());

  const inShop = (...args: readonly string[]): Promise<string> => helm.run(...args, '--namespace', 'shop');
  const history = async (): Promise<Release[]> =>
    JSON.parse(await inShop('history', 'books', '--output', 'json')) as Release[];
  const deployment = (): Promise<Deployment> => kubectl.json('get deployment books -n shop');
  const greeting = (): Promise<string> => kubectl.run('get configmap books -n shop -o jsonpath={.data.GREETING}');

  it('installs a chart and waits for it; its hook ran first', async () => {
    const text = await inShop('install', 'books', chart, clientSide, ...patience);
    expect(text).toContain('STATUS: deployed');
    expect((await deployment()).status.readyReplicas).toBe(2);
    expect(await greeting()).toBe('hello');
    expect(await kubectl.run('get secret books -n shop -o jsonpath={.data.password}')).toBe(
      Buffer.from('swordfish').toString('base64'),
    );
    const hook = await kubectl.json<{
      metadata: { creationTimestamp: string; uid: string };
      status: { phase: string };
    }>('get pod books-pre-install -n shop');
    expect(hook.status.phase).toBe('Succeeded');
    expect((await kubectl.run('get all -n shop -o name')).split('\n')).toContain('service/books');
  });

  it('gives its account what the chart grants, and no more', async () => {
    const may = (verb: string, resource: string): Promise<string> =>
      kubectl
        .try(['auth', 'can-i', verb, resource, '-n', 'shop', '--as', 'system:serviceaccount:shop:books'])
        .then((ran) => ran.stdout.trim());
    expect(await Promise.all([may('list', 'configmaps'), may('list', 'secrets')])).toEqual(['yes', 'no']);
  });

  it('upgrades it, with a hook after', async () => {
    await inShop('upgrade', 'books', chart, clientSide, '--set', 'replicas=3,greeting=hi', ...patience);
    expect((await deployment()).status.readyReplicas).toBe(3);
    expect(await greeting()).toBe('hi');
    expect(await kubectl.run('get pod books-post-upgrade -n shop -o jsonpath={.status.phase}')).toBe('Succeeded');
  });

  it('tests it: the phase of the test pod is the answer', async () => {
    expect(await inShop('test', 'books')).toMatch(/Phase:\s+Succeeded/);
    await inShop('upgrade', 'books', chart, clientSide, '--reuse-values', '--set', 'testExitCode=3', ...patience);
    const failed = await helm.try(['test', 'books', '--namespace', 'shop']);
    expect([failed.code, failed.stdout]).toEqual([1, expect.stringMatching(/Phase:\s+Failed/)]);
  });

  it('rolls it back, and tells its history', async () => {
    await inShop('rollback', 'books', '1', clientSide, ...patience);
    expect((await deployment()).spec.replicas).toBe(2);
    expect(await greeting()).toBe('hello');
    expect((await history()).map(({ revision, status, description }) => [revision, status, description])).toEqual([
      [1, 'superseded', 'Install complete'],
      [2, 'superseded', 'Upgrade complete'],
      [3, 'superseded', 'Upgrade complete'],
      [4, 'deployed', 'Rollback to 1'],
    ]);
  });

  it('undoes an upgrade that does not become ready', async () => {
    const broken = ['--set-json', 'image=""', '--rollback-on-failure', '--timeout', '20s'];
    const failed = await helm.try(['upgrade', 'books', chart, clientSide, ...broken, '--namespace', 'shop']);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain('spec.template.spec.containers[0].image: Required value');
    expect((await history()).at(-1)?.status).toBe('deployed');
    expect((await deployment()).status.readyReplicas).toBe(2);
  });

  it('shows its manifest as the cluster has it, and takes all of it away', async () => {
    expect(await inShop('get', 'manifest', 'books')).toContain('kind: RoleBinding');
    expect(await inShop('list', '--short')).toBe('books\n');
    await inShop('uninstall', 'books', '--wait', '--timeout', '60s');
    expect(await inShop('list', '--short')).toBe('');
    const left = await kubectl.run('get deployment,replicaset,service,role,rolebinding -n shop -o name');
    expect(left).toBe('');
    expect(await kubectl.run('get secret -n shop -l owner=helm -o name')).toBe('');
  });
});
