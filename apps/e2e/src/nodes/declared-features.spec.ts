import { Kubectl, type ReckonProcess, eventually, startReckon } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const [wholePod, initContainers] = [
  'InPlacePodLevelResourcesVerticalScaling',
  'InPlacePodVerticalScalingInitContainers',
];
const restartAll = 'RestartAllContainersOnContainerExits';

/** A node of an older version: made by hand, ready, with what it declares. */
const olderNode = (declaredFeatures: readonly string[]): object => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'older', labels: { age: 'older' } },
  status: {
    capacity: { cpu: '8', memory: '8Gi', pods: '110' },
    conditions: [{ type: 'Ready', status: 'True' }],
    declaredFeatures,
  },
});

describe('features that nodes declare', () => {
  let reckon: ReckonProcess;
  let kubectl: Kubectl;

  beforeAll(async () => {
    reckon = await startReckon();
    kubectl = new Kubectl(reckon.kubeconfig);
    await create(olderNode([]));
  });
  afterAll(async () => {
    await reckon.dispose();
  });

  const create = (object: object): Promise<string> => kubectl.run('create -f -', { stdin: JSON.stringify(object) });
  const podOf = (name: string, spec: object, container: object = {}): object => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      containers: [{ name: 'c', image: 'nginx', ...container }],
      // Whatever befalls a node that nobody keeps alive.
      tolerations: [{ operator: 'Exists' }],
      ...spec,
    },
  });
  const onOlder = { nodeSelector: { age: 'older' } };
  const cpu = (amount: string) => ({
    requests: { cpu: amount, memory: '64Mi' },
    limits: { cpu: amount, memory: '64Mi' },
  });
  const declare = (features: readonly string[]): Promise<string> =>
    kubectl.run([
      ...['patch', 'node', 'older', '--subresource=status', '--type=merge', '-p'],
      JSON.stringify({ status: { declaredFeatures: features } }),
    ]);
  const nodeOf = (name: string): Promise<string> => kubectl.run(`get pod ${name} -o jsonpath={.spec.nodeName}`);
  const isPlaced = (name: string, node: string): Promise<void> =>
    eventually(async () => {
      expect(await nodeOf(name)).toBe(node);
    });
  const resize = (name: string, spec: object): Promise<string> =>
    kubectl.run(['patch', 'pod', name, '--subresource=resize', '-p', JSON.stringify({ spec })]);

  it('are those of a v1.36 kubelet, in order', async () => {
    const nodes = await kubectl.run(
      'get nodes -l !age -o jsonpath={range.items[*]}{.status.declaredFeatures}{"\\n"}{end}',
    );
    for (const line of nodes.trim().split('\n'))
      expect(JSON.parse(line)).toEqual(['ExtendWebSocketsToKubelet', wholePod, initContainers, restartAll]);
  });

  it('are refused where they are no names, or out of order', async () => {
    await expect(declare([restartAll, wholePod])).rejects.toThrow(
      `The Node "older" is invalid: status.declaredFeatures[1]: Invalid value: "${wholePod}": list must be sorted alphabetically`,
    );
    await expect(declare(['not-a-feature'])).rejects.toThrow('invalid feature name "not-a-feature"');
  });

  it('keep a pod that needs one from nodes without it, until one has it', async () => {
    const rules = [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [42] } }];
    const container = { restartPolicy: 'Never', restartPolicyRules: rules };
    await create(podOf('anywhere', {}, container));
    await create(podOf('waits', onOlder, container));
    await eventually(async () => {
      const why = await kubectl.run(
        `get events --field-selector involvedObject.name=waits,reason=FailedScheduling -o jsonpath={..message}`,
      );
      expect(why).toContain("1 node(s) didn't match Pod's required features");
      expect(why).toContain("2 node(s) didn't match Pod's node affinity/selector");
    });
    expect(await kubectl.run('get pod waits -o jsonpath={.status.phase}')).toBe('Pending');
    expect(await nodeOf('waits')).toBe('');
    await eventually(async () => {
      expect(await nodeOf('anywhere')).toMatch(/^reckon-node-/);
    });
    await declare([restartAll]);
    await isPlaced('waits', 'older');
  });

  it('are what a pod on a node can be resized in', async () => {
    await declare([wholePod]);
    const guaranteed = {
      ...onOlder,
      resources: cpu('1'),
      initContainers: [{ name: 'i', image: 'nginx', resources: cpu('500m') }],
    };
    await create(podOf('fixed', guaranteed, { resources: cpu('500m') }));
    await isPlaced('fixed', 'older');
    const inInit = { initContainers: [{ name: 'i', resources: cpu('250m') }] };
    const refused = (features: string): string =>
      `pods "fixed" is forbidden: pod update requires features ${features} which are not available on node "older"`;
    await expect(resize('fixed', inInit)).rejects.toThrow(refused(initContainers));
    await resize('fixed', { resources: cpu('2') });
    await declare([]);
    await expect(resize('fixed', { ...inInit, resources: cpu('1') })).rejects.toThrow(
      refused(`${wholePod}, ${initContainers}`),
    );
    // CPU of the containers of a Guaranteed pod asks for no feature of its own.
    await resize('fixed', { containers: [{ name: 'c', resources: cpu('750m') }] });
    await declare([initContainers]);
    await resize('fixed', inInit);
    const amounts = ['resources', 'containers[0].resources', 'initContainers[0].resources'];
    const shown = amounts.map((resources) => `{.spec.${resources}.limits.cpu}`).join(' ');
    expect(await kubectl.run(['get', 'pod', 'fixed', '-o', `jsonpath=${shown}`])).toBe('2 750m 250m');
  });
});
