import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RawClient, eventually, readKubeconfig, settableClock } from '@reckon/testkit';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { ApartCluster } from './apart-cluster';
import type { ProgramProcess } from './program-process';

describe('agents in trouble', () => {
  let cluster: ApartCluster;
  beforeEach(() => {
    cluster = new ApartCluster();
  });
  afterEach(() => cluster.dispose());

  /** One that is who the file `token` in the folder of the cluster says. */
  const schedulerWithTokenFile = (flags: readonly string[] = []): Promise<ProgramProcess> => {
    const kubeconfig = join(cluster.folder, 'token.kubeconfig');
    const admin = JSON.parse(readFileSync(cluster.kubeconfig, 'utf8')) as { users: { name: string; user: object }[] };
    const users = admin.users.map(({ name }) => ({ name, user: { tokenFile: 'token' } }));
    writeFileSync(kubeconfig, JSON.stringify({ ...admin, users }));
    return cluster.start([
      'scheduler',
      ...['--kubeconfig', kubeconfig, '--bind-address', '127.0.0.1', '--secure-port', '0', ...flags],
    ]);
  };

  /** Whom the apiserver takes the holder of a token for; the code of its answer where for nobody. */
  const whoIs = async (token: string): Promise<unknown> => {
    const { server, caPem } = readKubeconfig(cluster.kubeconfig);
    const client = new RawClient(server, { caPem, token });
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
    const reply = await client.send('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', { body: review });
    client.close();
    if (reply.status !== 201) return reply.status;
    return (reply.body as { status: { userInfo: { username: string } } }).status.userInfo.username;
  };

  it('an agent whose token expires while it runs goes on with the next', async () => {
    const clock = settableClock();
    onTestFinished(() => {
      clock.dispose();
    });
    await cluster.apiserver([], 0, clock.env);
    await cluster.controllerManager();
    await cluster.kubelet('worker');
    const kubectl = cluster.kubectl();
    await kubectl.run('create serviceaccount planner -n kube-system');
    for (const role of ['system:kube-scheduler', 'system:volume-scheduler'])
      await kubectl.run(
        `create clusterrolebinding ${role}:planner --clusterrole=${role} --serviceaccount=kube-system:planner`,
      );
    await kubectl.run(
      'create rolebinding planner -n kube-system --role=extension-apiserver-authentication-reader --serviceaccount=kube-system:planner',
    );
    const newToken = async (): Promise<string> =>
      (await kubectl.run('create token planner -n kube-system --duration=10m')).trim();
    const tokenFile = join(cluster.folder, 'token');
    const first = await newToken();
    writeFileSync(tokenFile, first);
    // It would end, rightly, if it could not renew its lease for the ten seconds that are the default.
    const patient = ['--leader-elect-lease-duration=2m', '--leader-elect-renew-deadline=100s'];
    const scheduler = await schedulerWithTokenFile(patient);
    await kubectl.run('create deployment web --image=nginx --replicas=1');
    await kubectl.run('rollout status deployment/web --timeout=60s');
    expect(await whoIs(first)).toBe('system:serviceaccount:kube-system:planner');

    clock.set(11 * 60_000);
    await eventually(async () => {
      expect(await whoIs(first)).toBe(401);
    });
    await kubectl.run('scale deployment/web --replicas=3');
    await eventually(() => {
      expect(scheduler.output()).toContain('"error":"Unauthorized","msg":"scheduling failed"');
    });
    const nodes = 'get pods -l app=web -o jsonpath={.items[*].spec.nodeName}';
    expect(await kubectl.run(nodes)).toBe('worker');

    writeFileSync(tokenFile, await newToken());
    // Long before the minute after which the file is read in any case.
    await kubectl.run('rollout status deployment/web --timeout=40s');
    expect(await kubectl.run(nodes)).toBe('worker worker worker');
    expect(await scheduler.end()).toBe(0);
  });

  it('an agent whose token is no longer good reads its token file again', async () => {
    const [tokens, tokenFile] = [join(cluster.folder, 'tokens.csv'), join(cluster.folder, 'token')];
    const admit = (token: string): void => {
      writeFileSync(tokens, `${token},system:kube-scheduler,1\n`);
    };
    admit('first-token');
    writeFileSync(tokenFile, 'first-token\n');
    const flags = ['--token-auth-file', tokens];
    const apiserver = await cluster.apiserver(flags);
    await cluster.controllerManager();
    await cluster.kubelet('worker');
    const kubectl = cluster.kubectl();

    const scheduler = await schedulerWithTokenFile();
    await kubectl.run('create deployment web --image=nginx --replicas=1');
    await kubectl.run('rollout status deployment/web --timeout=60s');

    admit('second-token');
    await apiserver.end();
    await cluster.apiserver(flags, apiserver.port);
    await kubectl.run('scale deployment/web --replicas=3');
    writeFileSync(tokenFile, 'second-token\n');
    // Long before the minute after which the file is read in any case.
    await kubectl.run('rollout status deployment/web --timeout=40s');
    expect(await scheduler.end()).toBe(0);
  });

  it('two kubelets that claim one name are one node, and its pods run', async () => {
    await cluster.apiserver();
    await Promise.all([cluster.controllerManager(), cluster.scheduler()]);
    const kubelets = [await cluster.kubelet('twin'), await cluster.kubelet('twin')];
    const kubectl = cluster.kubectl();
    await kubectl.run('wait --for=create node/twin --timeout=60s');
    await kubectl.run('wait --for=condition=Ready node/twin --timeout=60s');
    await kubectl.run('create deployment web --image=nginx --replicas=4');
    await kubectl.run('rollout status deployment/web --timeout=60s');
    expect((await kubectl.run('get nodes -o name')).trim()).toBe('node/twin');
    await kubelets[0]?.end('SIGKILL');
    await kubectl.run('delete pods -l app=web --wait=true --timeout=60s');
    await kubectl.run('rollout status deployment/web --timeout=60s');
    await eventually(async () => {
      expect(await kubectl.run('get pods -l app=web -o jsonpath={.items[*].status.phase}')).toBe(
        'Running Running Running Running',
      );
    });
  });

  it('agents wait for an apiserver that is not there yet', async () => {
    const first = await cluster.apiserver();
    const { port } = first;
    await first.end();
    const scheduler = await cluster.scheduler();
    const manager = await cluster.controllerManager();
    await cluster.kubelet('worker');
    await cluster.apiserver([], port);
    const kubectl = cluster.kubectl();
    await eventually(async () => {
      await kubectl.run('get serviceaccount default');
    });
    await kubectl.run('create deployment web --image=nginx --replicas=1');
    await kubectl.run('rollout status deployment/web --timeout=60s');
    expect(await Promise.all([scheduler.end(), manager.end()])).toEqual([0, 0]);
  });
});
