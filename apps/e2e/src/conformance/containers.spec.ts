import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '@reckon/testkit';
import { type ApiObject, type ConformanceCluster, startConformanceCluster } from './conformance-cluster';

/** What containers do by themselves: how long their commands take and how they end. */

let cluster: ConformanceCluster;

beforeAll(async () => {
  cluster = await startConformanceCluster();
});
afterAll(async () => {
  await cluster.dispose();
});

const busybox = 'registry.example/busybox:1.37';
const pause = 'registry.example/pause:3.10';

interface ContainerStatus {
  readonly restartCount: number;
  readonly state: {
    readonly running?: object;
    readonly waiting?: { readonly reason: string };
    readonly terminated?: { readonly exitCode: number; readonly reason: string };
  };
  readonly lastState: ContainerStatus['state'];
}
interface PodStatus {
  readonly phase: string;
  readonly conditions: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  readonly initContainerStatuses: readonly [ContainerStatus, ContainerStatus];
  readonly containerStatuses: readonly [ContainerStatus];
}
const statusOf = (pod: ApiObject): PodStatus => pod.status as unknown as PodStatus;
const isInitialized = (pod: ApiObject): string | undefined =>
  statusOf(pod).conditions.find((c) => c.type === 'Initialized')?.status;

const make = async (name: string, spec: object): Promise<string> => {
  const collection = `/api/v1/namespaces/${await cluster.namespace('containers')}/pods`;
  await cluster.create(collection, { metadata: { name }, spec });
  return `${collection}/${name}`;
};
const until = (path: string, check: (status: PodStatus) => void): Promise<ApiObject> =>
  eventually(async () => {
    const pod = await cluster.get(path);
    check(statusOf(pod));
    return pod;
  });

describe('[sig-node] InitContainer [NodeConformance]', () => {
  const initContainers = (first: string, second: string): object[] => [
    { name: 'init1', image: busybox, command: [first] },
    { name: 'init2', image: busybox, command: [second] },
  ];
  const expectInitialized = (pod: ApiObject): void => {
    expect(isInitialized(pod)).toBe('True');
    for (const status of statusOf(pod).initContainerStatuses)
      expect(status.state.terminated).toMatchObject({ exitCode: 0 });
  };

  it('should invoke init containers on a RestartNever pod', async () => {
    const path = await make('pod-init', {
      restartPolicy: 'Never',
      initContainers: initContainers('/bin/true', '/bin/true'),
      containers: [{ name: 'run1', image: busybox, command: ['/bin/true'] }],
    });
    const pod = await until(path, ({ phase }) => {
      expect(phase).toBe('Succeeded');
    });
    expectInitialized(pod);
    expect(statusOf(pod).containerStatuses[0].state.terminated).toMatchObject({ exitCode: 0, reason: 'Completed' });
  });

  it('should invoke init containers on a RestartAlways pod', async () => {
    const path = await make('pod-init', {
      initContainers: initContainers('/bin/true', '/bin/true'),
      containers: [{ name: 'run1', image: pause }],
    });
    const pod = await until(path, ({ phase }) => {
      expect(phase).toBe('Running');
    });
    expectInitialized(pod);
  });

  it('should not start app containers if init containers fail on a RestartAlways pod', async () => {
    const path = await make('pod-init', {
      initContainers: initContainers('/bin/false', '/bin/true'),
      containers: [{ name: 'run1', image: pause }],
    });
    const watch = await cluster.watch(`${path.replace(/\/[^/]*$/, '')}?watch=1`);
    const pod = await until(path, ({ phase, initContainerStatuses: [first] }) => {
      expect(phase).toBe('Pending');
      expect(first.restartCount).toBeGreaterThanOrEqual(1);
      expect(first.state.waiting).toMatchObject({ reason: 'CrashLoopBackOff' });
      expect(first.lastState.terminated).toMatchObject({ exitCode: 1 });
    });
    expect(isInitialized(pod)).toBe('False');
    expect(statusOf(pod).conditions).toContainEqual(
      expect.objectContaining({ type: 'Initialized', message: 'containers with incomplete status: [init1 init2]' }),
    );
    for (const { object } of watch.events) {
      const { containerStatuses, initContainerStatuses } = object['status'] as Partial<PodStatus>;
      for (const status of [containerStatuses?.[0], initContainerStatuses?.[1]])
        if (status !== undefined) expect(status.state).toEqual({ waiting: { reason: 'PodInitializing' } });
    }
  });

  it('should not start app containers and fail the pod if init containers fail on a RestartNever pod', async () => {
    const path = await make('pod-init', {
      restartPolicy: 'Never',
      initContainers: initContainers('/bin/true', '/bin/false'),
      containers: [{ name: 'run1', image: busybox, command: ['/bin/true'] }],
    });
    const pod = await until(path, ({ phase }) => {
      expect(phase).toBe('Failed');
    });
    const { initContainerStatuses, containerStatuses } = statusOf(pod);
    expect(initContainerStatuses.map(({ state }) => state.terminated?.exitCode)).toEqual([0, 1]);
    expect(containerStatuses[0].state.waiting).toMatchObject({ reason: 'PodInitializing' });
    expect(isInitialized(pod)).toBe('False');
  });
});

describe('[sig-node] Kubelet', () => {
  const failing = (): Promise<string> =>
    make('bin-false', { containers: [{ name: 'bin-false', image: busybox, command: ['/bin/false'] }] });

  it('when scheduling a busybox command that always fails in a pod should have an terminated reason [NodeConformance]', async () => {
    await until(await failing(), ({ containerStatuses: [status] }) => {
      const ended = status.state.terminated ?? status.lastState.terminated;
      expect(ended).toMatchObject({ exitCode: 1, reason: 'Error' });
    });
  });

  it('when scheduling a busybox command that always fails in a pod should be possible to delete [NodeConformance]', async () => {
    const path = await failing();
    await cluster.delete(path, { gracePeriodSeconds: 0 });
    await cluster.gone(path);
  });
});
