import { systemClock } from '@reckon/kernel';
import { type Kubectl, type RawClient, type SettableClock, eventually, settableClock } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApartCluster } from '../apart/apart-cluster';
import type { ProgramProcess } from '../apart/program-process';
import { send } from './who-am-i';

const dayMs = 24 * 60 * 60 * 1000;
const beganMs = systemClock.nowMs();
/** The day that is so many days after the first. */
const day = (after: number): string => new Date(beganMs + after * dayMs).toISOString().slice(0, 10);
const lastUsed = 'kubernetes.io/legacy-token-last-used';
const invalidSince = 'kubernetes.io/legacy-token-invalid-since';

const cluster = new ApartCluster();
let clock: SettableClock;
let kubectl: Kubectl;
let admin: RawClient;
let manager: ProgramProcess | undefined;

interface Secret {
  readonly metadata: { readonly uid: string; readonly labels?: Readonly<Record<string, string>> };
  readonly data?: { readonly token?: string };
}
interface Token {
  readonly namespace: string;
  readonly name: string;
  readonly token: string;
}

/** It looks when it starts, and then once a day. */
async function startManager(): Promise<void> {
  manager = await cluster.start(
    [
      'controller-manager',
      ...['--kubeconfig', await cluster.kubeconfigOf('system:kube-controller-manager')],
      ...['--bind-address', '127.0.0.1', '--secure-port', '0', '--leader-elect=false'],
      ...['--service-account-private-key-file', `${cluster.dataDir}/pki/sa.key`],
      ...['--legacy-service-account-token-clean-up-period', '48h'],
    ],
    clock.env,
  );
}
async function goTo(after: number): Promise<void> {
  clock.set(after * dayMs);
  await eventually(async () => {
    const maps = '/api/v1/namespaces/default/configmaps?dryRun=All';
    const { body } = await admin.send('POST', maps, { body: { metadata: { name: 'now' } } });
    const { creationTimestamp } = (body as { metadata: { creationTimestamp: string } }).metadata;
    expect(creationTimestamp.slice(0, 10)).toBe(day(after));
  });
}
const secretOf = async ({ namespace, name }: Omit<Token, 'token'>): Promise<Secret> =>
  JSON.parse(await kubectl.run(['get', 'secret', name, '-n', namespace, '-o', 'json'])) as Secret;
/** The token that is made for the account `default` of a namespace. */
const tokenOf = (namespace: string): Promise<Token> =>
  eventually(async () => {
    const path = ['-o', 'jsonpath={.secrets[0].name}'];
    const name = await kubectl.run(['get', 'serviceaccount', 'default', '-n', namespace, ...path]);
    expect(name).toMatch(/^default-token-/);
    const { data } = await secretOf({ namespace, name });
    return { namespace, name, token: Buffer.from(data?.token ?? '', 'base64').toString() };
  });
async function codeFor({ token }: Token): Promise<number> {
  const client = admin.as({ token });
  try {
    return (await send(client)).status;
  } finally {
    client.close();
  }
}
const labelsOf = async (token: Token): Promise<unknown> => (await secretOf(token)).metadata.labels;

beforeAll(async () => {
  clock = settableClock();
  await cluster.apiserver([], 0, clock.env);
  kubectl = cluster.kubectl();
  admin = cluster.client();
  await startManager();
});
afterAll(async () => {
  await cluster.dispose();
  clock.dispose();
});

describe('tokens in Secrets that a controller made', () => {
  it('are retired when nobody uses them, tell so to who uses them then, and go when nobody does', async () => {
    const [used, late, unused] = [
      await tokenOf('default'),
      await tokenOf('kube-system'),
      await tokenOf('kube-public'),
    ] as const;
    const map = ['get', 'configmap', 'kube-apiserver-legacy-service-account-token-tracking', '-n', 'kube-system'];
    expect(await kubectl.run([...map, '-o', 'jsonpath={.data}'])).toBe(JSON.stringify({ since: day(0) }));
    await manager?.end();

    await goTo(5);
    expect(await codeFor(used)).toBe(201);
    await eventually(async () => {
      expect(await labelsOf(used)).toEqual({ [lastUsed]: day(5) });
    });
    await startManager();
    for (const token of [late, unused])
      await eventually(async () => {
        expect(await labelsOf(token)).toEqual({ [invalidSince]: day(5) });
      });
    expect(await labelsOf(used)).toEqual({ [lastUsed]: day(5) });
    await manager?.end();

    await goTo(7);
    expect([await codeFor(used), await codeFor(late)]).toEqual([201, 401]);
    await eventually(async () => {
      expect(await labelsOf(late)).toEqual({ [invalidSince]: day(5), [lastUsed]: day(7) });
    });
    const metrics = await admin.send('GET', '/metrics');
    expect(metrics.text).toMatch(/^serviceaccount_invalid_legacy_auto_token_uses_total 1$/m);

    await goTo(8);
    await startManager();
    await eventually(async () => {
      expect((await kubectl.try(['get', 'secret', unused.name, '-n', 'kube-public'])).stderr).toContain('not found');
    });
    expect(await labelsOf(late)).toEqual({ [invalidSince]: day(5), [lastUsed]: day(7) });

    // Whoever still needs one takes its mark away.
    await kubectl.run(['label', 'secret', late.name, '-n', 'kube-system', `${invalidSince}-`]);
    expect([await codeFor(late), await codeFor(unused)]).toEqual([201, 401]);
  });
});
