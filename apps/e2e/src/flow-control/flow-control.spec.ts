import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kubectl, RawClient, type RawReply, eventually, reckonProgram, run } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ProgramProcess, startProgram } from '../apart/program-process';

const maps = '/api/v1/namespaces/default/configmaps';
const group = '/apis/flowcontrol.apiserver.k8s.io/v1';

const schema = (name: string, users: readonly string[], matchingPrecedence = 400) => ({
  apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
  kind: 'FlowSchema',
  metadata: { name },
  spec: {
    matchingPrecedence,
    priorityLevelConfiguration: { name },
    distinguisherMethod: { type: 'ByUser' },
    rules: [
      {
        subjects: users.map((user) => ({ kind: 'User', user: { name: user } })),
        resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true }],
      },
    ],
  },
});
const level = (name: string, limited: object) => ({
  apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
  kind: 'PriorityLevelConfiguration',
  metadata: { name },
  spec: {
    type: 'Limited',
    limited: { lendablePercent: 0, borrowingLimitPercent: 0, nominalConcurrencyShares: 1, ...limited },
  },
});
const queuing = (queues: number, handSize: number, queueLengthLimit: number) => ({
  limitResponse: { type: 'Queue', queuing: { queues, handSize, queueLengthLimit } },
});

describe('priority and fairness', () => {
  const folder = mkdtempSync(join(tmpdir(), 'reckon-flow-control-'));
  const kubeconfig = join(folder, 'data/kubeconfig');
  const users = ['loud', 'quiet', 'system:kube-controller-manager'];
  let program: ProgramProcess;
  let admin: RawClient;
  let kubectl: Kubectl;
  const clients = new Map<string, RawClient>();
  let made = 0;

  beforeAll(async () => {
    const tokens = users.map((user, i) => `token-${String(i)},${user},${String(i)},"system:masters-not"\n`).join('');
    writeFileSync(join(folder, 'tokens.csv'), tokens);
    program = await startProgram([
      'apiserver',
      ...['--data-dir', join(folder, 'data'), '--secure-port', '0', '--bind-address', '127.0.0.1'],
      ...['--authorization-mode', 'RBAC', '--token-auth-file', join(folder, 'tokens.csv')],
      ...['--max-requests-inflight', '6', '--max-mutating-requests-inflight', '4'],
    ]);
    admin = RawClient.of(kubeconfig);
    kubectl = new Kubectl(kubeconfig);
    for (const [i, user] of users.entries()) clients.set(user, admin.as({ token: `token-${String(i)}` }));
    await kubectl.run('create clusterrolebinding people --clusterrole=cluster-admin --user=loud --user=quiet');
  });
  afterAll(async () => {
    for (const client of [admin, ...clients.values()]) client.close();
    await program.end();
    rmSync(folder, { recursive: true, force: true });
  });

  const as = (user: string): RawClient => {
    const client = clients.get(user);
    if (client === undefined) throw new Error(`no client for ${user}`);
    return client;
  };
  const create = (user: string): Promise<RawReply> =>
    as(user).send('POST', maps, {
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `made-${String(++made)}` } },
    });
  const flood = (user: string, count: number): Promise<RawReply[]> =>
    Promise.all(Array.from({ length: count }, () => create(user)));
  const uidOf = async (kind: string, name: string): Promise<string> =>
    (await kubectl.json<{ metadata: { uid: string } }>(`get ${kind} ${name}`)).metadata.uid;
  /** Resolves when the requests of a user are classified by the schema of this name. */
  const classified = async (user: string, name: string): Promise<void> => {
    const uid = await uidOf('flowschema', name);
    await eventually(async () => {
      expect((await as(user).send('GET', maps)).headers['x-kubernetes-pf-flowschema-uid']).toBe(uid);
    });
  };
  const apply = async (...objects: object[]): Promise<void> => {
    for (const object of objects) await kubectl.run('apply -f -', { stdin: JSON.stringify(object) });
  };

  it('tells of every answer how it was classified, by the uids of its FlowSchema and PriorityLevelConfiguration', async () => {
    const headers = async (name: string, at: string): Promise<unknown[]> => [
      await uidOf('flowschema', name),
      await uidOf('prioritylevelconfiguration', at),
    ];
    const told = ({ headers: h }: RawReply): unknown[] => [
      h['x-kubernetes-pf-flowschema-uid'],
      h['x-kubernetes-pf-prioritylevel-uid'],
    ];
    expect(told(await admin.send('GET', maps))).toEqual(await headers('exempt', 'exempt'));
    expect(told(await as('quiet').send('GET', maps))).toEqual(await headers('global-default', 'global-default'));
    expect(told(await as('quiet').send('GET', `${maps}/none`))).toEqual(
      await headers('global-default', 'global-default'),
    );
    expect(told(await as('quiet').send('GET', '/healthz'))).toEqual(await headers('probes', 'exempt'));
    const lease = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases';
    const manager = as('system:kube-controller-manager');
    expect(told(await manager.send('GET', `${lease}/none`))).toEqual(
      await headers('system-leader-election', 'leader-election'),
    );
    expect(told(await manager.send('GET', '/api/v1/pods'))).toEqual(
      await headers('kube-controller-manager', 'workload-high'),
    );
    const watch = await admin.send('GET', `${maps}?watch=1&timeoutSeconds=1`);
    expect(told(watch)).toEqual(await headers('exempt', 'exempt'));
    const stranger = admin.as({ token: 'none' });
    expect(told(await stranger.send('GET', maps))).toEqual([undefined, undefined]);
    stranger.close();
  });

  it('should ensure that requests can be classified by adding FlowSchema and PriorityLevelConfiguration', async () => {
    await apply(level('classified', queuing(4, 2, 10)), schema('classified', ['quiet']));
    await classified('quiet', 'classified');
    await kubectl.run('delete flowschema/classified prioritylevelconfiguration/classified');
    await classified('quiet', 'global-default');
  });

  it('answers 429 with Retry-After to a user who asks for too much, while leader election and administrators go on', async () => {
    await apply(level('narrow', queuing(1, 1, 3)), schema('narrow', ['loud']));
    await classified('loud', 'narrow');
    let isOver = false;
    const lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'kube-controller-manager', namespace: 'kube-system' },
      spec: { holderIdentity: 'me', leaseDurationSeconds: 15 },
    };
    const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases';
    const manager = as('system:kube-controller-manager');
    expect((await manager.send('POST', leases, { body: lease })).status).toBe(201);
    const vital = (async () => {
      const statuses: number[] = [];
      while (!isOver) {
        const { body } = await manager.send('GET', `${leases}/kube-controller-manager`);
        statuses.push((await manager.send('PUT', `${leases}/kube-controller-manager`, { body })).status);
        statuses.push((await admin.send('GET', maps)).status);
      }
      return statuses;
    })();
    const answers: RawReply[] = [];
    for (let round = 0; round < 3; round++) answers.push(...(await flood('loud', 80)));
    isOver = true;
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(20);
    expect(answers.filter(({ status }) => status === 201).length).toBeGreaterThan(3);
    expect(answers.every(({ status }) => status === 429 || status === 201)).toBe(true);
    // It grows while many are refused.
    expect(Number(refused[0]?.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(Number(refused.at(-1)?.headers['retry-after'])).toBeLessThanOrEqual(32);
    expect(refused[0]?.text).toBe('Too many requests, please try again later.\n');
    const statuses = await vital;
    expect(statuses.length).toBeGreaterThan(2);
    expect(new Set(statuses)).toEqual(new Set([200]));
    const metrics = (await admin.send('GET', '/metrics')).text;
    expect(metrics).toMatch(
      /apiserver_flowcontrol_rejected_requests_total\{priority_level="narrow",flow_schema="narrow",reason="queue-full"\} \d+/,
    );
    expect(metrics).toContain(
      'apiserver_flowcontrol_current_executing_requests{priority_level="narrow",flow_schema="narrow"} 0',
    );
  });

  it("should ensure that requests can't be drowned out (fairness)", async () => {
    await apply(level('shared', queuing(64, 4, 20)), schema('shared', ['loud', 'quiet'], 300));
    await classified('quiet', 'shared');
    await classified('loud', 'shared');
    let isOver = false;
    const noise = (async () => {
      const statuses: number[] = [];
      while (!isOver) statuses.push(...(await flood('loud', 120)).map(({ status }) => status));
      return statuses;
    })();
    const heard: number[] = [];
    for (let i = 0; i < 20; i++) heard.push((await create('quiet')).status);
    isOver = true;
    expect(heard).toEqual(Array.from({ length: 20 }, () => 201));
    expect((await noise).filter((status) => status === 429).length).toBeGreaterThan(0);
  });

  it("should ensure that requests can't be drowned out (priority)", async () => {
    await apply(
      level('low', { limitResponse: { type: 'Reject' } }),
      level('high', queuing(4, 2, 20)),
      schema('low', ['loud'], 200),
      schema('high', ['quiet'], 200),
    );
    await classified('loud', 'low');
    await classified('quiet', 'high');
    const [noise, heard] = await Promise.all([flood('loud', 100), flood('quiet', 10)]);
    expect(noise.some(({ status }) => status === 429)).toBe(true);
    expect(heard.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 201));
  });

  it('shows levels, queues and requests to administrators, and to nobody else', async () => {
    const dumps = '/debug/api_priority_and_fairness';
    const levels = (await admin.send('GET', `${dumps}/dump_priority_levels`)).text.trim().split('\n');
    expect(levels[0]).toMatch(
      /^PriorityLevelName, ActiveQueues, IsIdle, IsQuiescing, WaitingRequests, ExecutingRequests,/,
    );
    expect(levels.map((line) => line.split(',')[0])).toEqual(
      expect.arrayContaining(['catch-all', 'exempt', 'leader-election', 'node-high', 'system', 'workload-low']),
    );
    expect((await admin.send('GET', `${dumps}/dump_queues`)).text).toMatch(/^workload-high, +0, +0, /m);
    const requests = (await admin.send('GET', `${dumps}/dump_requests?includeRequestDetails=1`)).text;
    expect(requests).toMatch(/^exempt, +exempt, +-1, +-1, .*kubernetes-admin, +get, /m);
    expect((await as('system:kube-controller-manager').send('GET', `${dumps}/dump_requests`)).status).toBe(403);
    expect(await kubectl.run(`get --raw ${dumps}/dump_priority_levels`)).toContain('workload-high');
  });

  it('needs seats', async () => {
    const args = ['apiserver', '--data-dir', join(folder, 'other'), '--max-requests-inflight', '0'];
    const ran = await run(process.execPath, [reckonProgram, ...args, '--max-mutating-requests-inflight', '0']);
    expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining('they must add up to something positive')]);
  });
});

describe('--enable-priority-and-fairness=false', () => {
  it('counts requests, whoever sends them but system:masters, and says nothing of classes', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'reckon-no-flow-control-'));
    const program = await startProgram([
      'apiserver',
      ...['--data-dir', join(folder, 'data'), '--secure-port', '0', '--bind-address', '127.0.0.1'],
      ...['--enable-priority-and-fairness=false', '--max-mutating-requests-inflight', '1'],
    ]);
    const client = RawClient.of(join(folder, 'data/kubeconfig'));
    const write = (name: string, headers: Readonly<Record<string, string>> = {}): Promise<RawReply> =>
      client.send('POST', maps, { body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } }, headers });
    const all = (kind: string, headers?: Readonly<Record<string, string>>): Promise<RawReply[]> =>
      Promise.all(Array.from({ length: 40 }, (_, i) => write(`${kind}-${String(i)}`, headers)));
    const answers = await all('x', { 'Impersonate-User': 'jane' });
    expect(answers.some(({ status }) => status === 429)).toBe(true);
    expect((await all('master')).every(({ status }) => status === 201)).toBe(true);
    expect(answers.every(({ headers }) => headers['x-kubernetes-pf-flowschema-uid'] === undefined)).toBe(true);
    expect((await client.send('GET', `${group}/flowschemas`)).status).toBe(200);
    expect((await client.send('GET', '/debug/api_priority_and_fairness/dump_queues')).status).toBe(404);
    client.close();
    await program.end();
    rmSync(folder, { recursive: true, force: true });
  });
});
