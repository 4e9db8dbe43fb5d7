import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FakeClock, MetricsRegistry, fakeClock, seededRandom, silentLogger } from '@reckon/kernel';
import { type AuthorizationConfiguration, type Decision, manyNodesGroup, parsePolicyFile } from '@reckon/serve/authz';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Authorization, type WebhookFactory, createAuthorizers, modesAuthorization } from './authorizers';
import { type MemoryCluster, memoryCluster } from './testing/memory-cluster.suite';

let cluster: MemoryCluster;
const folder = mkdtempSync(join(tmpdir(), 'reckon-authorizers-'));
beforeAll(async () => {
  cluster = await memoryCluster();
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await cluster.close();
});

const listPods = (name: string, groups: readonly string[] = []) => ({
  user: { name, groups: [...groups] },
  verb: 'list',
  isResource: true,
  group: '',
  version: 'v1',
  resource: 'pods',
  subresource: '',
  namespace: 'default',
  name: '',
  path: '/api/v1/namespaces/default/pods',
});

const open = (authorization: Authorization, clock: FakeClock = fakeClock(), metrics = new MetricsRegistry()) =>
  createAuthorizers(authorization, {
    storage: cluster.storage,
    clock,
    timers: clock,
    random: seededRandom(1),
    logger: silentLogger,
    metrics,
  });

describe('the authorization modes', () => {
  it.each([
    [['AlwaysAllow'], true],
    [['AlwaysDeny'], false],
    [['RBAC'], false],
    [['RBAC', 'AlwaysAllow'], true],
    [['AlwaysDeny', 'AlwaysAllow'], true],
  ] as const)('%j lets a stranger list pods: %s', async (modes, isAllowed) => {
    const metrics = new MetricsRegistry();
    const { authorizer, stop } = open(modesAuthorization(...modes), fakeClock(), metrics);
    expect((await authorizer.authorize(listPods('jane'))).allowed).toBe(isAllowed);
    expect((await authorizer.authorize(listPods('root', ['system:masters']))).allowed).toBe(true);
    expect(metrics.render()).toContain(
      `apiserver_authorization_decisions_total{type="${modes.at(-1) ?? ''}",name="${(modes.at(-1) ?? '').toLowerCase()}",decision="allowed"} ${isAllowed ? '1' : '0'}`,
    );
    await stop();
  });

  it('Node knows nodes', async () => {
    const { authorizer, stop } = open(modesAuthorization('Node'));
    const request = {
      ...listPods('system:node:a', ['system:nodes']),
      verb: 'create',
      resource: 'nodes',
      namespace: '',
    };
    expect((await authorizer.authorize(request)).allowed).toBe(true);
    expect((await authorizer.authorize({ ...request, user: { name: 'jane', groups: [] } })).allowed).toBe(false);
    await stop();
  });

  it('ABAC knows its file', async () => {
    const line = '{"user": "jane", "readonly": true}';
    const { authorizer, stop } = open({ ...modesAuthorization('ABAC'), policies: parsePolicyFile(line).policies });
    expect((await authorizer.authorize(listPods('jane', ['system:authenticated']))).allowed).toBe(true);
    expect(await authorizer.authorize(listPods('joe'))).toEqual({ allowed: false, reason: 'No policy matched.' });
    await stop();
  });

  it('do not matter to a kubelet that is many nodes, which no name makes', async () => {
    const { authorizer, stop } = open(modesAuthorization('AlwaysDeny'));
    const readSecrets = {
      ...listPods('system:node:reckon', ['system:nodes', manyNodesGroup]),
      resource: 'secrets',
      verb: 'get',
    };
    expect((await authorizer.authorize(readSecrets)).allowed).toBe(true);
    expect((await authorizer.authorize({ ...readSecrets, verb: 'delete' })).allowed).toBe(false);
    const named = { ...readSecrets, user: { name: 'system:node:reckon', groups: ['system:nodes'] } };
    expect((await authorizer.authorize(named)).allowed).toBe(false);
    await stop();
  });

  it('have the stored policy beside them, to be asked what may be written into it', async () => {
    const { rbac, stop } = open(modesAuthorization('AlwaysAllow'));
    expect(rbac.name).toBe('RBAC');
    await stop();
  });
});

describe('a configuration of several authorizers', () => {
  const webhook = { failurePolicy: 'NoOpinion' } as NonNullable<
    AuthorizationConfiguration['authorizers'][number]['webhook']
  >;
  const stopped: string[] = [];
  const asked: string[] = [];
  const webhooks: WebhookFactory = () => (name) => ({
    name,
    authorize({ user }): Decision {
      asked.push(name);
      return user.name === name ? { allowed: true, reason: name } : { allowed: false, reason: `not ${name}` };
    },
    rulesFor: () => ({ rules: [], errors: [], isIncomplete: true }),
    stop: () => stopped.push(name),
  });
  const named = (...names: readonly string[]): AuthorizationConfiguration => ({
    authorizers: [...names.map((name) => ({ type: 'Webhook', name, webhook })), { type: 'RBAC', name: 'rbac' }],
  });

  it('asks them in their order, and all before it refuses', async () => {
    const { authorizer, resolvers, stop } = open({ configuration: named('a', 'b'), webhooks });
    asked.length = 0;
    expect(await authorizer.authorize(listPods('b'))).toEqual({ allowed: true, reason: 'b' });
    expect(await authorizer.authorize(listPods('c'))).toEqual({ allowed: false, reason: 'not a\nnot b' });
    expect(asked).toEqual(['a', 'b', 'a', 'b']);
    expect(resolvers().map((one) => one.rulesFor({ name: 'c', groups: [] }, '').isIncomplete)).toEqual([
      true,
      true,
      undefined,
    ]);
    await stop();
    expect(stopped).toEqual(['a', 'b']);
  });

  it('follows its file: what cannot be used changes nothing', async () => {
    const file = join(folder, 'authorization.yaml');
    /** At once: nobody sees half of it. */
    const replace = (text: string): void => {
      writeFileSync(`${file}.new`, text);
      renameSync(`${file}.new`, file);
    };
    const clock = fakeClock();
    const metrics = new MetricsRegistry();
    const read = (text: string): AuthorizationConfiguration => {
      if (text === 'broken') throw new Error('it is broken');
      return text === 'node' ? { authorizers: [{ type: 'Node', name: 'node' }] } : named(...text.split(/, */));
    };
    replace('a');
    stopped.length = 0;
    const { authorizer, stop } = open(
      { configuration: named('a'), webhooks, reload: { file, text: 'a', read } },
      clock,
      metrics,
    );
    const mayList = async (name: string) => (await authorizer.authorize(listPods(name))).allowed;
    const becomes = async (text: string, name: string, isAllowed: boolean): Promise<void> => {
      replace(text);
      await expect
        .poll(async () => {
          await clock.advance(1000);
          return mayList(name);
        })
        .toBe(isAllowed);
    };
    expect([await mayList('a'), await mayList('b')]).toEqual([true, false]);
    await becomes('b', 'b', true);
    expect(await mayList('a')).toBe(false);
    const failures = () =>
      Number(/reloads_total\{apiserver_id_hash="",status="failure"\} (\d+)/.exec(metrics.render())?.[1] ?? 0);
    for (const [i, text] of ['broken', 'node'].entries()) {
      replace(text);
      await expect
        .poll(async () => {
          await clock.advance(1000);
          return failures();
        })
        .toBe(i + 1);
      expect(await mayList('b')).toBe(true);
    }
    await becomes('a,b', 'a', true);
    expect(metrics.render()).toContain('reloads_total{apiserver_id_hash="",status="success"} 2');
    // What says the same is no reload; a file that is gone is one failure a minute.
    const hash = () => /config_info\{apiserver_id_hash="",hash="([^"]*)"/.exec(metrics.render())?.[1];
    const before = hash();
    replace('a, b');
    for (let i = 0; i < 20; i++) {
      await clock.advance(1000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(metrics.render()).toContain('reloads_total{apiserver_id_hash="",status="success"} 2');
    expect(hash()).toBe(before);
    rmSync(file);
    await expect
      .poll(async () => {
        await clock.advance(1000);
        return failures();
      })
      .toBe(3);
    await expect
      .poll(async () => {
        await clock.advance(30_000);
        return failures();
      })
      .toBe(4);
    await stop();
    expect(stopped.sort()).toEqual(['a', 'a', 'b', 'b']);
  });
});
