import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kubectl, RawClient, type RawReply, authorityOf, eventually } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type WebhookServer, startWebhookServer } from '../admission-webhooks/webhook-server';
import { type ProgramProcess, startProgram } from '../apart/program-process';

/** Six queues of fifty for each user, and no level has more than a few of so few seats. */
const flooded = 360;
const [mostInFlight, mostChangesInFlight] = ['6', '4'];

const held = '/api/v1/namespaces/held/configmaps';
const leases = '/apis/coordination.k8s.io/v1/namespaces';

interface Answers {
  /** So far. */
  readonly received: readonly RawReply[];
  readonly all: Promise<readonly RawReply[]>;
}

describe('an overload of workload-low and global-default', () => {
  const folder = mkdtempSync(join(tmpdir(), 'reckon-overload-'));
  const at = (name: string): string => join(folder, 'data', name);
  let webhook: WebhookServer;
  /** Lets the writes end that the webhook holds in their seats. */
  let release = (): void => undefined;
  let program: ProgramProcess;
  let kubectl: Kubectl;
  let admin: RawClient;
  const clients: RawClient[] = [];
  const client = (credentials: Parameters<RawClient['as']>[0]): RawClient => {
    clients.push(admin.as(credentials));
    return clients.at(-1)!;
  };
  const byCertificate = (commonName: string, ...organizations: string[]): RawClient => {
    const read = (name: string): string => readFileSync(at(`pki/${name}`), 'utf8');
    const authority = authorityOf({ certPem: read('ca.crt'), keyPem: read('ca.key') });
    return client(authority.issue({ commonName, organizations, usages: ['client'] }));
  };

  beforeAll(async () => {
    const until = new Promise<void>((resolve) => {
      release = resolve;
    });
    webhook = await startWebhookServer({ '/hold': () => ({ allowed: true, until }) });
    writeFileSync(join(folder, 'tokens.csv'), 'loud-token,loud,u-1\n');
    program = await startProgram([
      ...['apiserver', '--data-dir', join(folder, 'data'), '--secure-port', '0', '--bind-address', '127.0.0.1'],
      ...['--authorization-mode', 'Node,RBAC', '--token-auth-file', join(folder, 'tokens.csv')],
      ...['--max-requests-inflight', mostInFlight, '--max-mutating-requests-inflight', mostChangesInFlight],
    ]);
    kubectl = new Kubectl(at('kubeconfig'));
    admin = RawClient.of(at('kubeconfig'));
    await kubectl.run('create namespace held');
    await kubectl.run('-n held create serviceaccount robot');
    await kubectl.run('-n held create rolebinding writers --clusterrole=edit --user=loud --serviceaccount=held:robot');
    const configuration = {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'hold' },
      webhooks: [
        {
          name: 'hold.example.com',
          clientConfig: webhook.clientConfig('/hold'),
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
          timeoutSeconds: 30,
          rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }],
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'held' } },
        },
      ],
    };
    await kubectl.run('create -f -', { stdin: JSON.stringify(configuration) });
  });
  afterAll(async () => {
    release();
    for (const one of [admin, ...clients]) one.close();
    await program.end();
    await webhook.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const flood = (by: RawClient, name: string): Answers => {
    const received: RawReply[] = [];
    const one = async (i: number): Promise<RawReply> => {
      const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `${name}-${String(i)}` } };
      const reply = await by.send('POST', held, { body, timeoutMs: 90_000 });
      received.push(reply);
      return reply;
    };
    const all = Promise.all(Array.from({ length: flooded }, (_, i) => one(i)));
    // Where the test has failed before it waits for them, that is what is to be told.
    all.catch(() => undefined);
    return { received, all };
  };
  const levelOf = ({ headers }: RawReply): unknown => headers['x-kubernetes-pf-prioritylevel-uid'];
  const uidOf = (level: string): Promise<string> =>
    kubectl.run(`get prioritylevelconfiguration ${level} -o jsonpath={.metadata.uid}`);

  it('is answered with 429 and Retry-After, and does no harm to system, node-high and leader-election', async () => {
    const robot = client({ token: (await kubectl.run('-n held create token robot')).trim() });
    const loud = client({ token: 'loud-token' });
    const node = byCertificate('system:node:n1', 'system:nodes');
    const manager = byCertificate('system:kube-controller-manager');
    const status = { conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady' }] };
    const body = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } };
    expect((await node.send('POST', '/api/v1/nodes', { body })).status).toBe(201);
    const lease = (name: string, namespace: string) => ({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace },
      spec: { holderIdentity: name, leaseDurationSeconds: 15 },
    });
    for (const [by, name, namespace] of [
      [node, 'n1', 'kube-node-lease'],
      [manager, 'kube-controller-manager', 'kube-system'],
    ] as const)
      expect((await by.send('POST', `${leases}/${namespace}/leases`, { body: lease(name, namespace) })).status).toBe(
        201,
      );

    const low = flood(robot, 'low');
    const usual = flood(loud, 'usual');
    const refused = ({ received }: Answers): readonly RawReply[] => received.filter((reply) => reply.status === 429);
    await eventually(() => {
      expect(webhook.asked('/hold').length).toBeGreaterThan(1);
      expect(refused(low).length).toBeGreaterThan(10);
      expect(refused(usual).length).toBeGreaterThan(10);
    });

    // Both are full, and stay so until the webhook lets go.
    const mergePatch = { 'content-type': 'application/merge-patch+json' };
    const renew = async (by: RawClient, name: string, namespace: string): Promise<RawReply> => {
      const path = `${leases}/${namespace}/leases/${name}`;
      const { body: current } = await by.send('GET', path);
      return by.send('PUT', path, { body: current });
    };
    const vital = {
      system: [
        () => node.send('GET', '/api/v1/pods?fieldSelector=spec.nodeName%3Dn1'),
        () => node.send('GET', '/api/v1/services'),
      ],
      'node-high': [
        () => node.send('PATCH', '/api/v1/nodes/n1/status', { body: { status }, headers: mergePatch }),
        () => renew(node, 'n1', 'kube-node-lease'),
      ],
      'leader-election': [
        () => renew(manager, 'kube-controller-manager', 'kube-system'),
        () => manager.send('GET', `${leases}/kube-system/leases/kube-controller-manager`),
      ],
      exempt: [() => admin.send('GET', '/api/v1/namespaces')],
    };
    for (const [level, requests] of Object.entries(vital)) {
      const uid = await uidOf(level);
      for (let round = 0; round < 10; round++)
        for (const send of requests) {
          const reply = await send();
          expect([reply.status, levelOf(reply)], `${level}: ${reply.text}`).toEqual([200, uid]);
        }
    }
    for (const [level, answers] of Object.entries({ 'workload-low': low, 'global-default': usual })) {
      const uid = await uidOf(level);
      for (const reply of refused(answers)) {
        expect([levelOf(reply), reply.text]).toEqual([uid, 'Too many requests, please try again later.\n']);
        expect(Number(reply.headers['retry-after'])).toBeGreaterThanOrEqual(1);
      }
      // Nothing of them has been done yet.
      expect(answers.received.filter((reply) => reply.status !== 429)).toEqual([]);
    }
    const metrics = (await admin.send('GET', '/metrics')).text;
    const rejected = [
      ...metrics.matchAll(
        /^apiserver_flowcontrol_rejected_requests_total\{priority_level="([^"]+)",.*\} ([1-9]\d*)$/gm,
      ),
    ].map(([, level]) => level);
    expect([...new Set(rejected)].sort()).toEqual(['global-default', 'workload-low']);

    release();
    for (const [by, answers] of [
      [robot, low],
      [loud, usual],
    ] as const) {
      const all = await answers.all;
      expect(new Set(all.map((reply) => reply.status))).toEqual(new Set([201, 429]));
      const after = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'after-' } };
      await eventually(async () => {
        expect((await by.send('POST', held, { body: after })).status).toBe(201);
      });
      // What was refused was not done, and what was done was not refused.
      const created = all
        .filter((reply) => reply.status === 201)
        .map(({ body: made }) => (made as { metadata: { name: string } }).metadata.name);
      const { items } = (await admin.send('GET', held)).body as { items: { metadata: { name: string } }[] };
      const prefix = answers === low ? 'low-' : 'usual-';
      expect(
        items
          .map(({ metadata }) => metadata.name)
          .filter((name) => name.startsWith(prefix))
          .sort(),
      ).toEqual(created.sort());
    }
  });
});
