import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@reckon/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApartCluster } from './apart-cluster';

describe('agents in trouble', () => {
  let cluster: ApartCluster;
  beforeEach(() => {
    cluster = new ApartCluster();
  });
  afterEach(() => cluster.dispose());

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

    const kubeconfig = join(cluster.folder, 'token.kubeconfig');
    const admin = JSON.parse(readFileSync(cluster.kubeconfig, 'utf8')) as { users: { name: string; user: object }[] };
    const users = admin.users.map(({ name }) => ({ name, user: { tokenFile: 'token' } }));
    writeFileSync(kubeconfig, JSON.stringify({ ...admin, users }));
    const scheduler = await cluster.start([
      'scheduler',
      ...['--kubeconfig', kubeconfig, '--bind-address', '127.0.0.1', '--secure-port', '0'],
    ]);
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
