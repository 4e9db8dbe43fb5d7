import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Kubectl, eventually } from '@reckon/testkit';
import { ApartCluster } from './apart-cluster';
import type { ProgramProcess } from './program-process';

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** GET on a component's own server, whose certificate is its own. */
function get(port: number, path: string, token?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const options = { host: '127.0.0.1', port, path, headers, agent: new Agent({ rejectUnauthorized: false }) };
    request(options, (response) => {
      text(response).then((body) => {
        resolve({ status: response.statusCode ?? 0, text: body });
      }, reject);
    })
      .on('error', reject)
      .end();
  });
}

describe('the programs apart', () => {
  const cluster = new ApartCluster();
  let kubectl: Kubectl;
  let token: string;
  const programs: Record<string, ProgramProcess> = {};

  beforeAll(async () => {
    programs['apiserver'] = await cluster.apiserver();
    [programs['controller-manager'], programs['scheduler'], programs['kubelet']] = await Promise.all([
      cluster.controllerManager(),
      cluster.scheduler(),
      cluster.kubelet('worker', [
        '--node-labels',
        'tier=one',
        '--register-with-taints',
        'dedicated=web:PreferNoSchedule',
      ]),
    ]);
    kubectl = cluster.kubectl();
    await kubectl.run('wait --for=create node/worker --timeout=60s');
    await kubectl.run('wait --for=condition=Ready node/worker --timeout=60s');
    await kubectl.run('create serviceaccount prober');
    await kubectl.run('create clusterrole prober --verb=get --non-resource-url=/metrics,/configz');
    await kubectl.run('create clusterrolebinding prober --clusterrole=prober --serviceaccount=default:prober');
    token = (await kubectl.run('create token prober')).trim();
  });
  afterAll(() => cluster.dispose());

  it('take a Deployment to Running on a node with an identity of its own', async () => {
    await kubectl.run('create deployment web --image=nginx --replicas=3');
    await kubectl.run('rollout status deployment/web --timeout=60s');
    const node = await kubectl.json<{
      metadata: { labels: Record<string, string> };
      spec: { taints?: { key: string }[] };
      status: { addresses: { type: string; address: string }[] };
    }>('get node worker');
    expect(node.metadata.labels['tier']).toBe('one');
    expect(node.spec.taints?.map(({ key }) => key)).toContain('dedicated');
    expect(node.status.addresses).toContainEqual({ type: 'InternalIP', address: '127.0.0.1' });
  });

  it('show the logs of a pod: apiserver and kubelet know each other by certificates', async () => {
    expect(await kubectl.run('logs deployment/web')).toContain('simulated container nginx');
  });

  it.each(['controller-manager', 'scheduler'])(
    '%s answers anybody for its health, and only those who may for the rest',
    async (name) => {
      const port = programs[name]?.port ?? 0;
      for (const path of ['/healthz', '/readyz', '/livez'])
        expect(await get(port, path)).toEqual({ status: 200, text: 'ok' });
      expect((await get(port, '/readyz?verbose')).text).toContain('[+]leaderElection ok\n');
      expect((await get(port, '/metrics')).status).toBe(403);
      expect((await get(port, '/metrics', 'nobody')).status).toBe(401);
      const metrics = await get(port, '/metrics', token);
      expect(metrics.status).toBe(200);
      expect(metrics.text).toMatch(/^leader_election_master_status\{name="kube-[a-z-]+"\} 1$/m);
      expect(metrics.text).toMatch(/^leader_election_slowpath_total\{name="kube-[a-z-]+"\} \d+$/m);
      expect(metrics.text).toMatch(
        /^rest_client_requests_total\{code="20[01]",method="[A-Z]+",host="127\.0\.0\.1:\d+"\} \d+$/m,
      );
      const configz = await get(port, '/configz', token);
      expect(configz.text).toContain('"leaseDuration":"15s"');
      expect((await get(port, '/nothing', token)).status).toBe(403);
    },
  );

  it('the kubelet answers those who may, and the apiserver shows its own configuration', async () => {
    const port = programs['kubelet']?.port ?? 0;
    expect((await get(port, '/metrics')).status).toBe(401);
    expect((await get(port, '/metrics', token)).status).toBe(403);
    await kubectl.run('create clusterrole nodes --verb=get --resource=nodes/metrics,nodes/configz,nodes/healthz');
    await kubectl.run('create clusterrolebinding nodes --clusterrole=nodes --serviceaccount=default:prober');
    // A new token: the refusal of the old one is remembered.
    const second = (await kubectl.run('create token prober')).trim();
    expect(await get(port, '/healthz', second)).toEqual({ status: 200, text: 'ok' });
    expect((await get(port, '/configz', second)).text).toContain('"registerNode":true');
    expect((await get(port, '/containerLogs/default/x/y', second)).status).toBe(403);
    expect(await kubectl.run('get --raw /configz')).toContain('"authorization-mode":["Node","RBAC"]');
    expect(await kubectl.run('get --raw /readyz?verbose')).toContain('[+]poststarthook/rbac/bootstrap-roles ok');
  });

  it('write a kubeconfig for somebody else', async () => {
    const jane = await cluster.kubeconfigOf('jane', ['dev', 'ops']);
    const who = await cluster
      .kubectl(jane)
      .json<{ status: { userInfo: { username: string; groups: string[] } } }>('auth whoami');
    expect(who.status.userInfo).toMatchObject({ username: 'jane', groups: ['dev', 'ops', 'system:authenticated'] });
    expect((await cluster.kubectl(jane).try(['get', 'pods'])).stderr).toContain('pods is forbidden: User "jane"');
  });

  it('controllers act with the rights of their own accounts', async () => {
    const { items } = await kubectl.json<{ items: { metadata: { name: string } }[] }>(
      'get serviceaccounts -n kube-system',
    );
    expect(items.map(({ metadata }) => metadata.name)).toContain('deployment-controller');
    const pod = await kubectl.json<{ items: { metadata: { managedFields: { manager: string }[] } }[] }>(
      'get pods -l app=web --show-managed-fields',
    );
    expect(pod.items[0]?.metadata.managedFields.map(({ manager }) => manager)).toContain('kube-controller-manager');
  });

  it('the apiserver comes back under agents that run: watches go on and nothing is listed anew', async () => {
    const port = programs['apiserver']?.port ?? 0;
    await programs['apiserver']?.end('SIGKILL');
    await cluster.apiserver([], port);
    await eventually(async () => {
      await kubectl.run('scale deployment web --replicas=5');
    });
    await kubectl.run('rollout status deployment/web --timeout=60s');
    await eventually(async () => {
      expect(
        (await kubectl.run('get pods -l app=web --field-selector=status.phase=Running -o name')).trim().split('\n'),
      ).toHaveLength(5);
    });
    const metrics = await cluster.client().send('GET', '/metrics');
    const lists = [...metrics.text.matchAll(/^apiserver_request_total\{.*verb="LIST".*\} (\d+)$/gm)];
    const ofAgents = lists.filter(([line]) => !/resource="(pods|deployments|replicasets)"/.test(line));
    expect(ofAgents.map(([line]) => line)).toEqual([]);
    // Those are kubectl's own.
    expect(lists.reduce((sum, [, count]) => sum + Number(count), 0)).toBeLessThan(15);
  });

  it('each ends cleanly when it is asked to', async () => {
    expect(await programs['kubelet']?.end('SIGTERM')).toBe(0);
    expect(await programs['scheduler']?.end('SIGINT')).toBe(0);
    expect(await programs['controller-manager']?.end('SIGTERM')).toBe(0);
    for (const program of Object.values(programs)) expect(program.output()).not.toMatch(/\n\s+at /);
  });
});
