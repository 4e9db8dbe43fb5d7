import { request } from 'node:http';
import { join } from 'node:path';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Background, eventually } from '@reckon/testkit';
import { type ConformanceCluster, podSpec, startConformanceCluster } from './conformance-cluster';

let cluster: ConformanceCluster;

beforeAll(async () => {
  cluster = await startConformanceCluster();
});
afterAll(async () => {
  await cluster.dispose();
});

const image = 'registry.example/agnhost:2.53';
const otherImage = 'registry.example/busybox:1.37';

/** kubectl in a namespace of the test's own. */
async function kubectlIn(base: string): Promise<{
  readonly namespace: string;
  run(command: string | readonly string[], stdin?: object): Promise<string>;
  try(args: readonly string[], stdin?: object): ReturnType<ConformanceCluster['kubectl']['try']>;
}> {
  const namespace = await cluster.namespace(base);
  const options = (stdin?: object): { stdin?: string } => (stdin === undefined ? {} : { stdin: JSON.stringify(stdin) });
  return {
    namespace,
    run: (command, stdin) =>
      cluster.kubectl.run(
        ['--namespace', namespace, ...(typeof command === 'string' ? command.split(' ') : command)],
        options(stdin),
      ),
    try: (args, stdin) => cluster.kubectl.try(['--namespace', namespace, ...args], options(stdin)),
  };
}
type KubectlIn = Awaited<ReturnType<typeof kubectlIn>>;

const replicationController = (name: string, replicas: number, labels: Readonly<Record<string, string>>): object => ({
  apiVersion: 'v1',
  kind: 'ReplicationController',
  metadata: { name, labels },
  spec: {
    replicas,
    selector: labels,
    template: {
      metadata: { labels },
      spec: { ...podSpec(), containers: [{ name, image, ports: [{ name: 'agnhost-server', containerPort: 6379 }] }] },
    },
  },
});

/** The names of the running pods of a selector, when there are so many. */
async function runningPods(kubectl: KubectlIn, selector: string, count: number): Promise<readonly string[]> {
  return await eventually(async () => {
    const template =
      '{{range .items}}{{if and (not .metadata.deletionTimestamp) (exists . "status" "containerStatuses")}}{{range .status.containerStatuses}}{{if exists . "state" "running"}}x{{end}}{{end}}={{.metadata.name}} {{end}}{{end}}';
    const printed = await kubectl.run(['get', 'pods', '-o', 'template', `--template=${template}`, '-l', selector]);
    const running = printed.split(' ').filter((one) => one.startsWith('x='));
    expect(running, printed).toHaveLength(count);
    return running.map((one) => one.slice(2));
  });
}

describe('[sig-cli] Kubectl client Update Demo', () => {
  const labels = { name: 'update-demo', version: 'nautilus' };

  it('should create and stop a replication controller', async () => {
    const kubectl = await kubectlIn('update-demo');
    const file = replicationController('update-demo-nautilus', 2, labels);
    await kubectl.run('create -f -', file);
    await runningPods(kubectl, 'name=update-demo', 2);
    await kubectl.run('delete --grace-period=0 --force -f -', file);
    expect(await kubectl.run('get rc,svc -l name=update-demo --no-headers')).toBe('');
    await runningPods(kubectl, 'name=update-demo', 0);
  });

  it('should scale a replication controller', async () => {
    const kubectl = await kubectlIn('update-demo');
    await kubectl.run('create -f -', replicationController('update-demo-nautilus', 2, labels));
    await runningPods(kubectl, 'name=update-demo', 2);
    await kubectl.run('scale rc update-demo-nautilus --replicas=1 --timeout=5m');
    await runningPods(kubectl, 'name=update-demo', 1);
    await kubectl.run('scale rc update-demo-nautilus --replicas=2 --timeout=5m');
    await runningPods(kubectl, 'name=update-demo', 2);
  });
});

describe('[sig-cli] Kubectl client Kubectl api-versions', () => {
  it('should check if v1 is in available api versions', async () => {
    expect((await cluster.kubectl.run('api-versions')).split('\n')).toContain('v1');
  });
});

describe('[sig-cli] Kubectl client Kubectl cluster-info', () => {
  it('should check if Kubernetes control plane services is included in cluster-info', async () => {
    const printed = await cluster.kubectl.run('cluster-info');
    // kubectl may colour what it prints.
    expect(printed).toMatch(
      /^(\u001b\[0;32m)?Kubernetes control plane(\u001b\[0m)? is running at .*https:\/\/127\.0\.0\.1:\d+/,
    );
  });
});

describe('[sig-cli] Kubectl client Kubectl describe', () => {
  it('should check if kubectl describe prints relevant information for rc and pods', async () => {
    const kubectl = await kubectlIn('describe');
    const { namespace } = kubectl;
    const labels = { app: 'agnhost', role: 'primary' };
    await kubectl.run('create -f -', replicationController('agnhost-primary', 1, labels));
    await kubectl.run('create -f -', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'agnhost-primary', labels },
      spec: { selector: labels, ports: [{ port: 6379, targetPort: 'agnhost-server' }] },
    });
    const [pod = ''] = await runningPods(kubectl, 'app=agnhost', 1);
    const expectPrinted = async (command: string, required: readonly (readonly string[])[]): Promise<void> => {
      const lines = (await kubectl.run(command)).split('\n');
      for (const words of required)
        expect(
          lines.some((line) => words.every((word) => line.includes(word))),
          `${command} has no line with ${words.join(', ')}:\n${lines.join('\n')}`,
        ).toBe(true);
    };
    await expectPrinted(`describe pod ${pod}`, [
      ['Name:', 'agnhost-primary-'],
      ['Namespace:', namespace],
      ['Node:'],
      ['Labels:', 'app=agnhost'],
      ['role=primary'],
      ['Annotations:'],
      ['Status:', 'Running'],
      ['IP:'],
      ['Controlled By:', 'ReplicationController/agnhost-primary'],
      ['Image:', image],
      ['State:', 'Running'],
      ['QoS Class:', 'BestEffort'],
    ]);
    await expectPrinted('describe rc agnhost-primary', [
      ['Name:', 'agnhost-primary'],
      ['Namespace:', namespace],
      ['Selector:', 'app=agnhost,role=primary'],
      ['Labels:', 'app=agnhost'],
      ['role=primary'],
      ['Annotations:'],
      ['Replicas:', '1 current', '1 desired'],
      ['Pods Status:', '1 Running', '0 Waiting', '0 Succeeded', '0 Failed'],
      ['Pod Template:'],
      ['Image:', image],
      ['Events:'],
    ]);
    await expectPrinted('describe service agnhost-primary', [
      ['Name:', 'agnhost-primary'],
      ['Namespace:', namespace],
      ['Labels:', 'app=agnhost'],
      ['role=primary'],
      ['Annotations:'],
      ['Selector:', 'app=agnhost,role=primary'],
      ['Type:', 'ClusterIP'],
      ['IP:'],
      ['Port:', '<unset>', '6379/TCP'],
      ['Endpoints:'],
      ['Session Affinity:', 'None'],
    ]);
    const [node = ''] = (await kubectl.run('get nodes -o jsonpath={.items[*].metadata.name}')).split(' ');
    await expectPrinted(`describe node ${node}`, [
      ['Name:', node],
      ['Labels:'],
      ['Annotations:'],
      ['CreationTimestamp:'],
      ['Conditions:'],
      ['Type', 'Status', 'LastHeartbeatTime', 'LastTransitionTime', 'Reason', 'Message'],
      ['Addresses:'],
      ['Capacity:'],
      ['Kernel Version:'],
      ['OS Image:'],
      ['Container Runtime Version:'],
      ['Kubelet Version:'],
    ]);
    await expectPrinted(`describe namespace ${namespace}`, [
      ['Name:', namespace],
      ['Labels:'],
      ['Annotations:'],
      ['Status:', 'Active'],
    ]);
  });
});

describe('[sig-cli] Kubectl client Kubectl diff', () => {
  it('should check if kubectl diff finds a difference for Deployments', async () => {
    const kubectl = await kubectlIn('diff');
    const deployment = (of: string): object => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'httpd-deployment' },
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: 'httpd' } },
        template: { metadata: { labels: { app: 'httpd' } }, spec: { containers: [{ name: 'httpd', image: of }] } },
      },
    });
    await kubectl.run('create -f -', deployment(image));
    const { code, stdout } = await kubectl.try(['diff', '-f', '-'], deployment(otherImage));
    expect(code).toBe(1);
    expect(stdout).toMatch(new RegExp(`^- +- image: ${image}$`, 'm'));
    expect(stdout).toMatch(new RegExp(`^\\+ +- image: ${otherImage}$`, 'm'));
  });
});

describe('[sig-cli] Kubectl client Kubectl expose', () => {
  it('should create services for rc', async () => {
    const kubectl = await kubectlIn('expose');
    const labels = { app: 'agnhost', role: 'primary' };
    await kubectl.run('create -f -', replicationController('agnhost-primary', 1, labels));
    await runningPods(kubectl, 'app=agnhost', 1);
    const expectService = async (name: string, port: number): Promise<void> => {
      const core = `/api/v1/namespaces/${kubectl.namespace}`;
      const service = await cluster.get(`${core}/services/${name}`);
      expect(service.spec).toMatchObject({ ports: [{ port, targetPort: 6379 }], selector: labels });
      await eventually(async () => {
        expect(await cluster.get(`${core}/endpoints/${name}`)).toMatchObject({
          subsets: [{ addresses: [expect.anything()], ports: [{ port: 6379 }] }],
        });
      });
    };
    await kubectl.run('expose rc agnhost-primary --name=rm2 --port=1234 --target-port=6379');
    await expectService('rm2', 1234);
    await kubectl.run('expose service rm2 --name=rm3 --port=2345 --target-port=6379');
    await expectService('rm3', 2345);
  });
});

/** A pod that runs. */
async function pausePod(kubectl: KubectlIn, name: string, of = image): Promise<void> {
  await kubectl.run('create -f -', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { name } },
    spec: podSpec(of),
  });
  await kubectl.run(`wait --for=condition=Ready pod/${name} --timeout=60s`);
}

describe('[sig-cli] Kubectl client Kubectl label', () => {
  it('should update the label on a resource', async () => {
    const kubectl = await kubectlIn('label');
    await pausePod(kubectl, 'pause');
    await kubectl.run('label pods pause testing-label=testing-label-value');
    expect(await kubectl.run('get pod pause -L testing-label')).toContain('testing-label-value');
    expect(await kubectl.run('get pod -l testing-label=testing-label-value -o name')).toBe('pod/pause\n');
    await kubectl.run('label pods pause testing-label-');
    expect(await kubectl.run('get pod pause -L testing-label')).not.toContain('testing-label-value');
    expect(await kubectl.run('get pod -l testing-label -o name')).toBe('');
  });
});

describe('[sig-cli] Kubectl client Kubectl patch', () => {
  it('should add annotations for pods in rc', async () => {
    const kubectl = await kubectlIn('patch');
    await kubectl.run('create -f -', replicationController('agnhost-primary', 1, { app: 'agnhost' }));
    const pods = await runningPods(kubectl, 'app=agnhost', 1);
    for (const pod of pods) await kubectl.run(['patch', 'pod', pod, '-p', '{"metadata":{"annotations":{"x":"y"}}}']);
    for (const pod of pods)
      expect(
        (await cluster.get(`/api/v1/namespaces/${kubectl.namespace}/pods/${pod}`)).metadata.annotations,
      ).toMatchObject({
        x: 'y',
      });
  });
});

const imageOf = (kubectl: KubectlIn, pod: string): Promise<string> =>
  kubectl.run(`get pod ${pod} -o jsonpath={.spec.containers[0].image}`);

describe('[sig-cli] Kubectl client Kubectl replace', () => {
  it("should update a single-container pod's image", async () => {
    const kubectl = await kubectlIn('replace');
    await kubectl.run(['run', 'e2e-test-httpd-pod', `--image=${image}`, '--labels=run=e2e-test-httpd-pod']);
    await runningPods(kubectl, 'run=e2e-test-httpd-pod', 1);
    const pod = JSON.parse(await kubectl.run('get pod e2e-test-httpd-pod -o json')) as {
      spec: { containers: { image: string }[] };
    };
    for (const container of pod.spec.containers) container.image = otherImage;
    await kubectl.run('replace -f -', pod);
    expect(await imageOf(kubectl, 'e2e-test-httpd-pod')).toBe(otherImage);
    // And made anew.
    const uid = await kubectl.run('get pod e2e-test-httpd-pod -o jsonpath={.metadata.uid}');
    await kubectl.run('replace --force --grace-period=0 -f -', pod);
    expect(await kubectl.run('get pod e2e-test-httpd-pod -o jsonpath={.metadata.uid}')).not.toBe(uid);
  });
});

describe('[sig-cli] Kubectl client Kubectl run pod', () => {
  it('should create a pod from an image when restart is Never', async () => {
    const kubectl = await kubectlIn('run');
    await kubectl.run(['run', 'e2e-test-httpd-pod', '--restart=Never', `--image=${image}`]);
    const pod = await cluster.get(`/api/v1/namespaces/${kubectl.namespace}/pods/e2e-test-httpd-pod`);
    expect(pod.spec).toMatchObject({ restartPolicy: 'Never', containers: [{ image }] });
    await kubectl.run('delete pods e2e-test-httpd-pod');
  });
});

describe('[sig-cli] Kubectl client Kubectl server-side dry-run', () => {
  it('should check if kubectl can dry-run update Pods', async () => {
    const kubectl = await kubectlIn('dry-run');
    await kubectl.run(['run', 'e2e-test-httpd-pod', `--image=${image}`, '--labels=run=e2e-test-httpd-pod']);
    await runningPods(kubectl, 'run=e2e-test-httpd-pod', 1);
    const patch = JSON.stringify({ spec: { containers: [{ name: 'e2e-test-httpd-pod', image: otherImage }] } });
    await kubectl.run(['patch', 'pod', 'e2e-test-httpd-pod', '-p', patch, '--dry-run=server']);
    expect(await imageOf(kubectl, 'e2e-test-httpd-pod')).toBe(image);
    await kubectl.run('delete pods e2e-test-httpd-pod');
  });
});

describe('[sig-cli] Kubectl client Kubectl version', () => {
  it('should check is all data is printed', async () => {
    const printed = await cluster.kubectl.json<Record<'clientVersion' | 'serverVersion', object>>('version');
    const told = ['gitVersion', 'gitCommit', 'gitTreeState', 'buildDate', 'goVersion', 'compiler', 'platform'];
    for (const version of [printed.clientVersion, printed.serverVersion]) {
      expect(version).toMatchObject({ major: '1', minor: '36' });
      expect(Object.keys(version)).toEqual(expect.arrayContaining(told));
    }
    const text = await cluster.kubectl.run('version');
    expect(text).toMatch(/^Client Version: v1\.36\.\d+/);
    expect(text).toMatch(/^Server Version: v1\.36\.\d+/m);
  });
});

describe('[sig-cli] Kubectl client Proxy server', () => {
  /** `/api` through the proxy, without any credentials of its own. */
  const versionsThrough = (target: { readonly port: string } | { readonly socketPath: string }): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', ...target, path: '/api/' }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('end', () => {
          resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')));
        });
      });
      sent.once('error', reject);
      sent.end();
    });
  const starting = (proxy: Background, said: RegExp): Promise<string> =>
    eventually(() => {
      const found = said.exec(proxy.output())?.[1];
      if (found === undefined) throw new Error(`kubectl proxy said:\n${proxy.output()}`);
      return found;
    });

  it('should support proxy with --port 0', async () => {
    const proxy = cluster.kubectl.start(['proxy', '--port=0', '--disable-filter']);
    try {
      const port = await starting(proxy, /Starting to serve on 127\.0\.0\.1:(\d+)/);
      expect(await versionsThrough({ port })).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
    } finally {
      await proxy.end();
    }
  });

  it('should support --unix-socket=/path', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kubectl-proxy-'));
    const socketPath = join(folder, 'test');
    const proxy = cluster.kubectl.start(['proxy', `--unix-socket=${socketPath}`]);
    try {
      await starting(proxy, /Starting to serve on (\S+)/);
      expect(await versionsThrough({ socketPath })).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
    } finally {
      await proxy.end();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
