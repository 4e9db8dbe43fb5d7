import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Kubectl, type ReckonProcess, eventually, startReckon } from '@reckon/testkit';

/** Containers last as long as their commands say, as kubectl shows it. */
describe('a container whose command says how long it runs', () => {
  let reckon: ReckonProcess;
  let kubectl: Kubectl;

  beforeAll(async () => {
    reckon = await startReckon();
    kubectl = new Kubectl(reckon.kubeconfig);
  });
  afterAll(async () => {
    await reckon.dispose();
  });

  const lineOf = async (name: string): Promise<string[]> =>
    (await kubectl.run(`get pod ${name} --no-headers`)).trim().split(/ {2,}/);
  const create = (name: string, spec: object): Promise<string> =>
    kubectl.run('create -f -', {
      stdin: JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec }),
    });
  const shows = (name: string, ready: string, status: string): Promise<void> =>
    eventually(async () => {
      expect((await lineOf(name)).slice(1, 3)).toEqual([ready, status]);
    });

  it('lets a Job complete when its work is done, and not before', async () => {
    await kubectl.run(['create', 'job', 'three', '--image=busybox', '--', 'sh', '-c', 'echo on; sleep 3']);
    await kubectl.run('wait --for=condition=Complete job/three --timeout=30s');
    interface Job {
      readonly status: { readonly startTime: string; readonly completionTime: string };
    }
    const { status } = await kubectl.json<Job>('get job three');
    expect(Date.parse(status.completionTime) - Date.parse(status.startTime)).toBeGreaterThanOrEqual(3_000);
  });

  it('leaves a Job at work that never ends, until it is deleted', async () => {
    await kubectl.run('create job long --image=busybox -- sleep 1000000');
    await kubectl.run('wait --for=jsonpath={.status.ready}=1 job/long --timeout=30s');
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(await kubectl.run('get job long --no-headers')).toMatch(/^long +Running +0\/1 /);
    await kubectl.run('delete job long --timeout=30s');
    await eventually(async () => {
      expect(await kubectl.run('get pods -l job-name=long -o name')).toBe('');
    });
  });

  it('counts the failures of a Job', async () => {
    await kubectl.run(['create', 'job', 'failing', '--image=busybox', '--', 'sh', '-c', 'exit 4']);
    await kubectl.run(['patch', 'job', 'failing', '-p', '{"spec":{"backoffLimit":0}}']);
    await kubectl.run('wait --for=condition=Failed job/failing --timeout=60s');
    const codes = await kubectl.run(
      'get pods -l job-name=failing -o jsonpath={.items[*].status.containerStatuses[0].state.terminated.exitCode}',
    );
    expect(codes.split(' ')).toContain('4');
  });

  it('restarts what always ends, and not what runs once', async () => {
    await kubectl.run(['run', 'crashing', '--image=busybox', '--', 'sh', '-c', 'date; exit 3']);
    await kubectl.run('run once --image=busybox --restart=Never -- false');
    await kubectl.run('run done --image=busybox --restart=OnFailure -- true');
    await shows('once', '0/1', 'Error');
    await shows('done', '0/1', 'Completed');
    await shows('crashing', '0/1', 'CrashLoopBackOff');
    expect(await kubectl.run('describe pod crashing')).toMatch(/Reason: +Error\n +Exit Code: +3\n/);
  });

  it('ends one container of a pod, and leaves the other', async () => {
    const containers = [
      { name: 'server', image: 'nginx' },
      { name: 'helper', image: 'busybox', command: ['sleep', '1'] },
    ];
    const spec = { restartPolicy: 'OnFailure', containers };
    await create('pair', spec);
    await shows('pair', '1/2', 'NotReady');
  });

  it('begins with the app when the init containers are through', async () => {
    const spec = {
      initContainers: [{ name: 'first', image: 'busybox', command: ['sleep', '3'] }],
      containers: [{ name: 'server', image: 'nginx' }],
    };
    await create('slow', spec);
    await shows('slow', '0/1', 'Init:0/1');
    await shows('slow', '1/1', 'Running');
  });

  it('has no image of which the name says that there is none', async () => {
    await kubectl.run('create deployment web --image=nginx:nonexistent');
    await eventually(async () => {
      expect(await kubectl.run('get pods -l app=web --no-headers')).toMatch(/^web-\S+ +0\/1 +ImagePullBackOff /);
    });
    await kubectl.run('set image deployment/web nginx=nginx:1.29');
    await kubectl.run('rollout status deployment/web --timeout=30s');
  });
});
