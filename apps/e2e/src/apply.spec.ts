import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Helm, Kubectl, type Ran, type ReckonProcess, startReckon } from '@reckon/testkit';

const chart = join(import.meta.dirname, 'helm/chart');

interface Managed {
  readonly metadata: {
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly managedFields: readonly {
      readonly manager: string;
      readonly operation: string;
      readonly subresource?: string;
    }[];
  };
  readonly spec: { readonly replicas: number };
  readonly data: Readonly<Record<string, string>>;
}

const configMap = (name: string, data: Readonly<Record<string, string>>): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data });

const deployment = (replicas: number, image = 'nginx:1'): string => `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: default
spec:
  replicas: ${String(replicas)}
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: main
          image: ${image}
          ports:
            - containerPort: 80
`;

describe('server-side apply with real clients', () => {
  let reckon: ReckonProcess;
  let kubectl: Kubectl;
  beforeAll(async () => {
    reckon = await startReckon();
    kubectl = new Kubectl(reckon.kubeconfig);
  });
  afterAll(() => reckon.dispose());

  const apply = (body: string, ...args: readonly string[]): Promise<Ran> =>
    kubectl.try(['apply', '--server-side', '-f', '-', ...args], { stdin: body });
  const get = (what: string): Promise<Managed> => kubectl.json(`get ${what} --show-managed-fields`);
  const appliers = ({ metadata }: Managed): string[] =>
    metadata.managedFields.filter((e) => e.operation === 'Apply').map((e) => e.manager);

  it('creates, changes, and leaves alone what is as it should be', async () => {
    expect((await apply(deployment(1))).stdout).toBe('deployment.apps/web serverside-applied\n');
    expect(appliers(await get('deployment web'))).toEqual(['kubectl']);
    await kubectl.run('rollout status deployment web --timeout=30s');
    const before = await get('deployment web');
    expect((await apply(deployment(1))).code).toBe(0);
    expect((await get('deployment web')).metadata.resourceVersion).toBe(before.metadata.resourceVersion);
    await apply(deployment(2));
    expect((await get('deployment web')).spec.replicas).toBe(2);
  });

  it('tells a second manager whose field it would change, and takes it when forced', async () => {
    const refused = await apply(deployment(5), '--field-manager=flux');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('Apply failed with 1 conflict: conflict with "kubectl": .spec.replicas');
    expect((await apply(deployment(5), '--field-manager=flux', '--force-conflicts')).code).toBe(0);
    expect((await get('deployment web')).spec.replicas).toBe(5);
    expect((await apply(deployment(2))).stderr).toContain('conflict with "flux": .spec.replicas');
  });

  it('lets two managers own different keys of one map, and drops a key with its owner only', async () => {
    await apply(configMap('shared', { a: '1', both: 'x' }), '--field-manager=one');
    await apply(configMap('shared', { b: '2', both: 'x' }), '--field-manager=two');
    expect((await get('configmap shared')).data).toEqual({ a: '1', b: '2', both: 'x' });
    await apply(configMap('shared', {}), '--field-manager=one');
    expect((await get('configmap shared')).data).toEqual({ b: '2', both: 'x' });
  });

  it('takes over from client-side apply, fields that are dropped included', async () => {
    await kubectl.run(['apply', '-f', '-'], { stdin: configMap('moved', { keep: '1', drop: '1' }) });
    expect((await apply(configMap('moved', { keep: '2' }))).stderr).toBe('');
    const moved = await get('configmap moved');
    expect(moved.data).toEqual({ keep: '2' });
    // kubectl goes on keeping its annotation, under a name for that alone.
    expect(moved.metadata.managedFields.map(({ manager, operation }) => [manager, operation])).toEqual([
      ['kubectl-last-applied', 'Apply'],
      ['kubectl', 'Apply'],
    ]);
    await kubectl.run(['apply', '-f', '-'], { stdin: configMap('moved', { keep: '3' }) });
    expect((await get('configmap moved')).data).toEqual({ keep: '3' });
  });

  it('shows the difference and writes nothing', async () => {
    const before = await get('configmap shared');
    const diff = await kubectl.try(['diff', '--server-side', '--field-manager=two', '-f', '-'], {
      stdin: configMap('shared', { b: '3', both: 'x' }),
    });
    expect(diff.code).toBe(1);
    expect(diff.stdout).toMatch(/-\s+b: "2"\n\+\s+b: "3"/);
    const dry = await apply(configMap('absent', { a: '1' }), '--dry-run=server');
    expect(dry.stdout).toBe('configmap/absent serverside-applied (server dry run)\n');
    expect((await kubectl.try(['get', 'configmap', 'absent'])).code).toBe(1);
    expect(await get('configmap shared')).toEqual(before);
  });

  it('applies to status, where the spec cannot be owned', async () => {
    const status = `${deployment(7)}
status:
  conditions:
    - {type: Ready, status: "True", reason: Told, message: by a test}
`;
    expect((await apply(status, '--subresource=status', '--field-manager=teller')).stderr).toBe('');
    const told = await get('deployment web');
    expect(told.spec.replicas).toBe(5);
    expect(told.metadata.managedFields).toContainEqual(
      expect.objectContaining({
        manager: 'teller',
        operation: 'Apply',
        subresource: 'status',
        fieldsV1: { 'f:status': { 'f:conditions': expect.anything() as unknown } },
      }),
    );
  });

  it('refuses what does not fit the schema', async () => {
    const unknown = JSON.parse(configMap('odd', {})) as Record<string, unknown>;
    const refused = await apply(JSON.stringify({ ...unknown, spek: 1 }), '--validate=false');
    expect(refused.stderr).toContain(
      'failed to create typed patch object (default/odd; /v1, Kind=ConfigMap): .spek: field not declared in schema',
    );
  });

  it('carries helm 4 as it comes: install, upgrade, rollback', async () => {
    const helm = new Helm(reckon.kubeconfig);
    const inShop = (...args: readonly string[]): Promise<string> =>
      helm.run(...args, '--namespace', 'shop', '--wait', '--timeout', '60s');
    await kubectl.run('create namespace shop');
    expect(await inShop('install', 'books', chart)).toContain('STATUS: deployed');
    expect(appliers(await get('deployment books -n shop'))).toEqual(['helm']);
    await inShop('upgrade', 'books', chart, '--set', 'replicas=3,greeting=hi');
    expect((await get('deployment books -n shop')).spec.replicas).toBe(3);
    await inShop('rollback', 'books', '1');
    const books = await get('deployment books -n shop');
    expect(books.spec.replicas).toBe(2);
    expect((await get('configmap books -n shop')).data['GREETING']).toBe('hello');
  });
});
