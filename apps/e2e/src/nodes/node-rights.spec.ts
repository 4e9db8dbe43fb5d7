import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Kubectl, eventually } from '@reckon/testkit';
import { ApartCluster } from '../apart/apart-cluster';
import type { ProgramProcess } from '../apart/program-process';

/** A pod bound to a node without a scheduler, with a Secret. */
const podOn = (name: string, nodeName: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      nodeName,
      containers: [{ name: 'main', image: 'nginx', envFrom: [{ secretRef: { name: `${name}-key` } }] }],
    },
  });

describe('a kubelet with an identity of its own', () => {
  const cluster = new ApartCluster();
  let admin: Kubectl;
  let node: Kubectl;
  let first: ProgramProcess;

  beforeAll(async () => {
    await cluster.apiserver();
    [first] = await Promise.all([cluster.kubelet('two'), cluster.kubelet('one'), cluster.controllerManager()]);
    admin = cluster.kubectl();
    node = cluster.kubectl(await cluster.kubeconfigOf('system:node:one', ['system:nodes']));
    await admin.run('wait --for=create node/one node/two --timeout=60s');
    await admin.run('wait --for=condition=Ready node/one node/two --timeout=60s');
    await eventually(async () => {
      await admin.run('get serviceaccount default');
    });
    for (const [name, on] of [
      ['mine', 'one'],
      ['theirs', 'two'],
    ] as const) {
      await admin.run(`create secret generic ${name}-key --from-literal=a=b`);
      await admin.run('apply -f -', { stdin: podOn(name, on) });
    }
    await admin.run('wait --for=condition=Ready pod/mine pod/theirs --timeout=60s');
  });
  afterAll(() => cluster.dispose());

  const refused = async (...args: string[]): Promise<string> => {
    const { code, stderr } = await node.try(args);
    expect(code).toBe(1);
    return stderr.trim();
  };
  const forbidden = (text: string): string => `Error from server (Forbidden): ${text}`;
  const who = 'User "system:node:one" cannot';

  it('reads its own Node and pods, and what they need', async () => {
    expect(await node.run('get node one -o name')).toBe('node/one\n');
    expect(await node.run('get pods -A --field-selector=spec.nodeName=one -o name')).toBe('pod/mine\n');
    expect(await node.run('get pod mine -o name')).toBe('pod/mine\n');
    expect(await node.run('get secret mine-key -o name')).toBe('secret/mine-key\n');
    expect(await node.run('get configmap kube-root-ca.crt -o name')).toBe('configmap/kube-root-ca.crt\n');
    expect(await node.run('get services -A -o name')).toBe('service/kubernetes\n');
  });

  it('reads nothing else, in upstream’s words', async () => {
    expect(await refused('get', 'nodes')).toBe(
      forbidden(
        `nodes is forbidden: ${who} list resource "nodes" in API group "" at the cluster scope: node 'one' cannot read all nodes, only its own Node object`,
      ),
    );
    expect(await refused('get', 'node', 'two')).toBe(
      forbidden(
        `nodes "two" is forbidden: ${who} get resource "nodes" in API group "" at the cluster scope: node 'one' cannot read 'two', only its own Node object`,
      ),
    );
    expect(await refused('get', 'pods')).toBe(
      forbidden(
        `pods is forbidden: ${who} list resource "pods" in API group "" in the namespace "default": can only list/watch pods with spec.nodeName field selector`,
      ),
    );
    expect(await refused('get', 'secrets')).toBe(
      forbidden(
        `secrets is forbidden: ${who} list resource "secrets" in API group "" in the namespace "default": No Object name found`,
      ),
    );
    for (const [kind, name] of [
      ['secret', 'theirs-key'],
      ['pod', 'theirs'],
    ] as const)
      expect(await refused('get', kind, name)).toBe(
        forbidden(
          `${kind}s "${name}" is forbidden: ${who} get resource "${kind}s" in API group "" in the namespace "default": no relationship found between node 'one' and this object`,
        ),
      );
  });

  it('writes its own Node and pods, as far as they are its affair', async () => {
    await node.run('label node one example.com/rack=a');
    expect(await refused('label', 'node', 'one', 'node-restriction.kubernetes.io/tier=gold')).toBe(
      forbidden('nodes "one" is forbidden: is not allowed to modify labels: node-restriction.kubernetes.io/tier'),
    );
    expect(await refused('taint', 'node', 'one', 'mine=x:NoSchedule')).toMatch(
      /nodes "one" is forbidden: node "one" is not allowed to modify taints$/,
    );
    expect(await refused('label', 'node', 'two', 'a=b')).toMatch(/cannot read 'two', only its own Node object$/);
    expect(await refused('delete', 'pod', 'theirs', '--wait=false')).toMatch(
      /pods "theirs" is forbidden: node "one" can only delete pods with spec.nodeName set to itself$/,
    );
    expect(await refused('run', 'own', '--image=nginx')).toMatch(
      /pods "own" is forbidden: pod does not have "kubernetes.io\/config.mirror" annotation, node "one" can only create mirror pods$/,
    );
    expect(await refused('create', 'token', 'default', '--bound-object-kind=Pod', '--bound-object-name=mine')).toMatch(
      /node requested token with a pod binding without a uid$/,
    );
    const uid = await admin.run('get pod mine -o jsonpath={.metadata.uid}');
    const bound = ['--bound-object-kind=Pod', '--bound-object-name=mine', `--bound-object-uid=${uid}`];
    expect(await node.run(['create', 'token', 'default', ...bound])).toMatch(/^eyJ/);
    expect(await refused('create', 'token', 'default', '--audience=vault', ...bound)).toMatch(
      /audience "vault" not found in pod spec volume, system:node:one is not authorized to request tokens for this audience$/,
    );
  });

  it('is warned of another kubelet of its name', { timeout: 90_000 }, async () => {
    const other = await cluster.kubelet('two');
    await eventually(
      () => {
        expect(first.output() + other.output()).toContain('does another kubelet use its name?');
      },
      { withinMs: 60_000 },
    );
  });
});
