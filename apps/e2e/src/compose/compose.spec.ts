import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readFeed, withoutDuplicates } from '@reckon/store/relay/suites';
import { Kubectl, eventually } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readComposeFile } from './compose-file';
import { LocalCompose } from './local-compose';

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly uid: string };
    readonly spec: { readonly nodeName?: string };
    readonly status: { readonly phase: string };
  }[];
}

interface ExportedEntry {
  readonly revision: number;
  readonly verb: string;
  readonly resource: string;
  readonly name: string;
  readonly object: unknown;
}

const lasting = Object.entries(readComposeFile().services)
  .filter(([, { healthcheck }]) => healthcheck !== undefined)
  .map(([name]) => name);

describe('docker-compose.yml, its commands as processes of this machine', () => {
  let compose: LocalCompose;
  let kubectl: Kubectl;
  /** Objects that were written between faults, and must be there at the end. */
  const written: string[] = [];
  let replicas = 3;

  const write = async (name: string): Promise<void> => {
    await kubectl.run(`create configmap ${name}`);
    written.push(name);
  };
  const podsOfWeb = (): Promise<PodList> => kubectl.json<PodList>('get pods -l app=web');
  const uidsOf = ({ items }: PodList): string[] => items.map(({ metadata }) => metadata.uid);
  const feed = async () => withoutDuplicates(await readFeed(`127.0.0.1:${String(compose.port('nats', 4222))}`));

  beforeAll(async () => {
    compose = await LocalCompose.create();
    await compose.up();
    const { stdout } = await compose.container('apiserver').exec(['cat', '/data/kubeconfig']);
    const file = join(compose.folder, 'kubeconfig');
    writeFileSync(file, stdout, { mode: 0o600 });
    kubectl = new Kubectl(file);
  });
  afterAll(() => compose.dispose());

  it('each starts after what it depends on is as it must be', () => {
    for (const [name, { depends_on: dependencies }] of Object.entries(compose.file.services))
      for (const [before, { condition }] of Object.entries(dependencies)) {
        const event = condition === 'service_healthy' ? `healthy ${before}` : `completed ${before}`;
        expect(compose.events, `${name} after ${before}`).toContain(event);
        expect(compose.events.indexOf(event)).toBeLessThan(compose.events.indexOf(`started ${name}`));
      }
  });

  it('an agent has its own credentials, for its owner only, and not the keys of the authority', () => {
    const contents = Object.fromEntries(
      Object.keys(compose.file.volumes).map((name) => [name, readdirSync(compose.volume(name))]),
    );
    expect(contents).toMatchObject({
      'controller-manager': ['kubeconfig', 'sa.key'],
      scheduler: ['kubeconfig'],
      'kubelet-1': ['kubeconfig'],
      'kubelet-2': ['kubeconfig'],
    });
    expect(readdirSync(join(compose.volume('data'), 'pki'))).toContain('ca.key');
    for (const [volume, names] of Object.entries(contents))
      for (const name of names.filter((one) => one === 'kubeconfig' || one.endsWith('.key')))
        expect((statSync(join(compose.volume(volume), name)).mode & 0o777).toString(8), `${volume}/${name}`).toBe(
          '600',
        );
  });

  it('a Deployment comes to Running on both nodes, and its logs can be read', async () => {
    await kubectl.run('wait --for=create node/node-1 node/node-2 --timeout=60s');
    await kubectl.run('wait --for=condition=Ready node/node-1 node/node-2 --timeout=60s');
    await kubectl.run(`create deployment web --image=nginx --replicas=${String(replicas)}`);
    await kubectl.run('rollout status deployment/web --timeout=60s');
    const { items } = await podsOfWeb();
    expect(items.map(({ status }) => status.phase)).toEqual(['Running', 'Running', 'Running']);
    expect(new Set(items.map(({ spec }) => spec.nodeName))).toEqual(new Set(['node-1', 'node-2']));
    expect(await kubectl.run('logs deployment/web')).toContain('simulated container nginx');
  });

  it('the feed has what was written', async () => {
    await write('seen');
    await eventually(async () => {
      const subjects = (await feed()).map(({ subject }) => subject);
      expect(subjects).toContain('reckon.core.configmaps.default.seen');
      expect(subjects).toContain('reckon.apps.deployments.default.web');
    });
  });

  it('NodeRestriction holds: a kubelet may not touch the other node', async () => {
    const { stdout } = await compose.container('kubelet-1').exec(['cat', '/credentials/kubeconfig']);
    const file = join(compose.folder, 'node-1.kubeconfig');
    writeFileSync(file, stdout, { mode: 0o600 });
    const node = new Kubectl(file);
    expect((await node.try(['label', 'node', 'node-1', 'tier=one'])).code).toBe(0);
    expect((await node.try(['label', 'node', 'node-2', 'tier=one'])).stderr).toContain('is forbidden');
  });

  it.each(lasting)('%s can be killed and started again: the Deployment is scaled, nothing is lost', async (name) => {
    const before = uidsOf(await podsOfWeb());
    await write(`before-${name}`);
    const container = compose.container(name);
    expect(await container.end('SIGKILL')).toBeNull();
    expect((await container.checkHealth()).code).not.toBe(0);
    if (name !== 'apiserver') await write(`without-${name}`);
    await compose.start(name);
    await write(`after-${name}`);
    replicas++;
    await kubectl.run(`scale deployment/web --replicas=${String(replicas)}`);
    await kubectl.run('rollout status deployment/web --timeout=90s');
    const pods = await podsOfWeb();
    expect(pods.items.map(({ status }) => status.phase)).toEqual(Array<string>(replicas).fill('Running'));
    expect(uidsOf(pods)).toEqual(expect.arrayContaining(before));
  });

  it('at the end everything is there, in the cluster and once in the feed, and the log is sound', async () => {
    const names = await kubectl.run(['get', 'configmaps', '-o', 'jsonpath={.items[*].metadata.name}']);
    expect(names.split(' ')).toEqual(expect.arrayContaining(written));
    await eventually(async () => {
      const subjects = (await feed()).map(({ subject }) => subject);
      for (const one of written)
        expect(subjects.filter((subject) => subject === `reckon.core.configmaps.default.${one}`)).toHaveLength(1);
    });
    const end = async (name: string): Promise<void> => {
      expect([name, await compose.container(name).end()]).toEqual([name, 0]);
    };
    for (const name of lasting.filter((one) => one !== 'nats' && one !== 'apiserver')) await end(name);
    const list = JSON.parse(await kubectl.run('get --raw /api/v1/namespaces/default/configmaps')) as {
      metadata: { resourceVersion: string };
    };
    const head = Number(list.metadata.resourceVersion);
    const events = await eventually(async () => {
      const read = await feed();
      expect(read.at(-1)?.to).toBeGreaterThanOrEqual(head);
      return read;
    });
    await end('apiserver');
    for (const name of lasting) expect(compose.container(name).output()).not.toMatch(/\n\s+at /);
    const checked = await compose.container('apiserver').exec(['reckon', 'check', '--data-dir=/data']);
    expect(checked).toMatchObject({ code: 0, stderr: '' });
    expect(checked.stdout).toMatch(/^sound: \d+ entries, newest revision \d+\n$/);

    const { stdout } = await compose.container('apiserver').exec(['reckon', 'export', '--data-dir=/data']);
    const entries = stdout
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => JSON.parse(line) as ExportedEntry)
      .filter(({ revision }) => revision <= head);
    const published = new Map(events.map((event) => [event.to, event]));
    expect(entries.length).toBeGreaterThan(100);
    for (const { revision, verb, resource, name, object } of entries) {
      const { type, subject, data } = published.get(revision)?.event ?? {};
      expect(type, String(revision)).toBe(`io.reckon.object.${verb}d`);
      expect(subject, String(revision)).toMatch(new RegExp(`/${resource}/.*${name}$`));
      if (resource !== 'secrets') expect(data).toEqual(object);
    }
  });
});
