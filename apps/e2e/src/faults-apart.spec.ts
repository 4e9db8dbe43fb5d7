import { rmSync } from 'node:fs';
import { CoreV1Api, KubeConfig, type KubernetesObject, makeInformer } from '@kubernetes/client-node';
import { Informer } from '@reckon/client/cache';
import { RestClient, loadKubeconfig } from '@reckon/client/rest';
import { seededRandom, silentLogger, systemClock, systemRandom, systemTimers } from '@reckon/kernel';
import { Kubectl, RawClient, type ReckonProcess, eventually, reckonProgram, run, startReckon } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApartCluster } from './apart/apart-cluster';
import type { ProgramProcess } from './apart/program-process';

/** Kinds of which everybody may make as many as they want. */
const kinds = {
  configmaps: (core: CoreV1Api, namespace: string) => core.listNamespacedConfigMap({ namespace }),
  secrets: (core: CoreV1Api, namespace: string) => core.listNamespacedSecret({ namespace }),
  serviceaccounts: (core: CoreV1Api, namespace: string) => core.listNamespacedServiceAccount({ namespace }),
  endpoints: (core: CoreV1Api, namespace: string) => core.listNamespacedEndpoints({ namespace }),
  limitranges: (core: CoreV1Api, namespace: string) => core.listNamespacedLimitRange({ namespace }),
} as const;
type Resource = keyof typeof kinds;

const specOf: Readonly<Record<Resource, object>> = {
  configmaps: {},
  secrets: {},
  serviceaccounts: {},
  endpoints: {},
  limitranges: { spec: { limits: [] } },
};
const namespaces = ['storm-0', 'storm-1', 'storm-2', 'storm-3', 'storm-4'];
const cells = namespaces.flatMap((namespace) =>
  (Object.keys(kinds) as Resource[]).map((resource) => ({ namespace, resource })),
);
type Cell = (typeof cells)[number];

interface Writers {
  /** Resolves when so many more were written. */
  more(count: number): Promise<void>;
  end(): Promise<void>;
}

/** resourceVersion by name. */
type Versions = ReadonlyMap<string, string>;
interface Named {
  readonly metadata?: { readonly name?: string | undefined; readonly resourceVersion?: string | undefined };
}
const versionsOf = (objects: Iterable<Named>): Versions =>
  new Map([...objects].map(({ metadata }) => [metadata?.name ?? '', metadata?.resourceVersion ?? '']));

describe('an apiserver that restarts under 50 informers', () => {
  const cluster = new ApartCluster();
  const seed = Number(process.env['RECKON_SEED'] ?? 1);
  const random = seededRandom(seed);
  let apiserver: ProgramProcess;
  let client: RawClient;
  const ours: { readonly cell: Cell; readonly versions: () => Versions }[] = [];
  const theirs: typeof ours = [];
  const ends: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    apiserver = await cluster.apiserver();
    client = cluster.client();
    for (const name of namespaces)
      expect((await client.send('POST', '/api/v1/namespaces', { body: { metadata: { name } } })).status).toBe(201);

    const deps = { timers: systemTimers, random: systemRandom, logger: silentLogger };
    const rest = new RestClient(loadKubeconfig(cluster.kubeconfig, { userAgent: 'faults' }), {
      ...deps,
      clock: systemClock,
    });
    const kc = new KubeConfig();
    kc.loadFromFile(cluster.kubeconfig);
    const core = kc.makeApiClient(CoreV1Api);
    const informers = cells.map((cell) => {
      const ref = { group: '', version: 'v1', resource: cell.resource, kind: '', namespaced: true };
      const informer = new Informer({ ...deps, client: rest.resource(ref), namespace: cell.namespace });
      ours.push({ cell, versions: () => versionsOf(informer.lister.list()) });
      informer.start();
      return informer;
    });
    ends.push(async () => {
      await Promise.all(informers.map((informer) => informer.stop()));
      await rest.close();
    });
    for (const cell of cells) {
      const { namespace, resource } = cell;
      const informer = makeInformer<KubernetesObject>(kc, `/api/v1/namespaces/${namespace}/${resource}`, () =>
        kinds[resource](core, namespace),
      );
      let isStopped = false;
      const start = (): void => {
        // As the library asks of its users: after an error the informer is started again.
        if (!isStopped) informer.start().catch(() => setTimeout(start, 50));
      };
      informer.on('error', () => setTimeout(start, 50));
      theirs.push({ cell, versions: () => versionsOf(informer.list()) });
      ends.push(async () => {
        isStopped = true;
        await informer.stop();
      });
      start();
    }
    await Promise.all(informers.map(({ synced }) => synced));
  });
  afterAll(async () => {
    for (const end of ends) await end();
    await cluster.dispose();
  });

  /** Lists of what the informers follow that this life of the apiserver has answered. */
  const listsAnswered = async (): Promise<number> => {
    const { text } = await client.send('GET', '/metrics');
    const samples = [...text.matchAll(/^apiserver_request_total\{(.*)\} (\d+)$/gm)];
    return samples
      .filter(([, labels = '']) => labels.includes('verb="LIST"') && labels.includes('scope="namespace"'))
      .filter(([, labels = '']) => Object.hasOwn(kinds, /(?<=\bresource=")\w+/.exec(labels)?.[0] ?? ''))
      .reduce((sum, [, , count]) => sum + Number(count), 0);
  };

  /** Creates, changes and deletes, several at a time, until it is ended; what fails is written off, as the server may be away. */
  const startWriters = (): Writers => {
    let written = 0;
    let isOver = false;
    const write = async (): Promise<void> => {
      const { namespace, resource } = cells[random.int(cells.length)] ?? { namespace: '', resource: 'configmaps' };
      const name = `o${String(random.int(8))}`;
      const path = `/api/v1/namespaces/${namespace}/${resource}`;
      const body = { metadata: { name, annotations: { n: String(written) } }, ...specOf[resource] };
      const isDelete = random.float() < 0.2;
      let reply = await (isDelete ? client.send('DELETE', `${path}/${name}`) : client.send('POST', path, { body }));
      if (reply.status === 409)
        reply = await client.send('PATCH', `${path}/${name}`, {
          body,
          headers: { 'content-type': 'application/merge-patch+json' },
        });
      if (reply.status < 300) written++;
    };
    const loop = async (): Promise<void> => {
      while (!isOver) await write().catch(() => new Promise((resolve) => setTimeout(resolve, 20)));
    };
    const loops = [1, 2, 3, 4].map(loop);
    return {
      more: (count) => {
        const wanted = written + count;
        return eventually(() => {
          expect(written).toBeGreaterThanOrEqual(wanted);
        });
      },
      async end() {
        isOver = true;
        await Promise.all(loops);
      },
    };
  };

  /** Waits until every cache shows what fresh lists do; each cell is listed once. */
  const cachesAreRight = async (): Promise<void> => {
    for (const { namespace, resource } of cells) {
      const listed = await client.send('GET', `/api/v1/namespaces/${namespace}/${resource}`);
      expect(listed.status).toBe(200);
      const fresh = versionsOf((listed.body as { items: Named[] }).items);
      const caches = [...ours, ...theirs].filter(
        ({ cell }) => cell.namespace === namespace && cell.resource === resource,
      );
      expect(caches).toHaveLength(2);
      await eventually(() => {
        for (const { versions } of caches)
          expect(versions(), `${namespace} ${resource}, RECKON_SEED=${String(seed)}`).toEqual(fresh);
      });
    }
  };

  it('has listed once for each when they have synced', async () => {
    const writers = startWriters();
    await writers.more(100);
    await writers.end();
    await eventually(async () => {
      expect(await listsAnswered()).toBe(50);
    });
    await cachesAreRight();
    expect(await listsAnswered()).toBe(50 + cells.length);
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'after %s their watches go on from where they were: nobody lists again',
    async (signal) => {
      const writers = startWriters();
      await writers.more(50);
      const { port } = apiserver;
      expect(await apiserver.end(signal)).toBe(signal === 'SIGTERM' ? 0 : null);
      await new Promise((resolve) => setTimeout(resolve, 300));
      apiserver = await cluster.apiserver([], port);
      await writers.more(100);
      await writers.end();
      await cachesAreRight();
      expect(await listsAnswered(), `RECKON_SEED=${String(seed)}`).toBe(cells.length);
    },
  );
});

const deployment = '/apis/apps/v1/namespaces/default/deployments/many';
const replicas = 300;
const manifest = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'many' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'many' } },
    template: {
      // So that a rollout takes its time whatever the machine.
      metadata: { labels: { app: 'many' }, annotations: { 'reckon.dev/start-after': '3s' } },
      spec: { containers: [{ name: 'c', image: 'nginx' }] },
    },
  },
};

interface Progress {
  readonly updatedReplicas: number;
  readonly isComplete: boolean;
}

/** How far the rollout of the newest template is, as the controller last told it. */
async function progressOf(client: RawClient): Promise<Progress> {
  const { metadata, status } = (await client.send('GET', deployment)).body as {
    readonly metadata: { readonly generation: number };
    readonly status: {
      readonly observedGeneration?: number;
      readonly replicas?: number;
      readonly updatedReplicas?: number;
      readonly availableReplicas?: number;
    };
  };
  if (status.observedGeneration !== metadata.generation) return { updatedReplicas: 0, isComplete: false };
  const counts = [status.replicas, status.updatedReplicas, status.availableReplicas];
  return { updatedReplicas: status.updatedReplicas ?? 0, isComplete: counts.every((count) => count === replicas) };
}

/** Begins a rollout of another template; resolves when part of it is done. */
async function beginRollout(client: RawClient, version: string): Promise<void> {
  const reply = await client.send('PATCH', deployment, {
    body: { spec: { template: { metadata: { annotations: { version } } } } },
    headers: { 'content-type': 'application/merge-patch+json' },
  });
  expect(reply.status, reply.text).toBe(200);
  await eventually(async () => {
    expect((await progressOf(client)).updatedReplicas).toBeGreaterThan(40);
  });
}

async function createMany(client: RawClient, kubectl: Kubectl): Promise<void> {
  const made = await client.send('POST', '/apis/apps/v1/namespaces/default/deployments', { body: manifest });
  expect(made.status, made.text).toBe(201);
  await completes(kubectl);
}

const completes = async (kubectl: Kubectl): Promise<void> => {
  expect(await kubectl.run('rollout status deployment/many --timeout=150s', { timeoutMs: 170_000 })).toContain(
    'successfully rolled out',
  );
};

async function isSound(dataDir: string): Promise<void> {
  const check = await run(process.execPath, [reckonProgram, 'check', '--data-dir', dataDir]);
  expect(check).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^sound: \d+ entries/) });
}

describe('SIGTERM in the middle of a rollout of 300 pods', () => {
  describe('of a program that runs apart', () => {
    const cluster = new ApartCluster();
    let kubectl: Kubectl;
    let client: RawClient;
    const programs = new Map<string, ProgramProcess>();
    const started: ProgramProcess[] = [];
    const start = {
      'controller-manager': () => cluster.controllerManager(),
      scheduler: () => cluster.scheduler(),
    } as const;

    beforeAll(async () => {
      started.push(await cluster.apiserver());
      for (const name of ['a', 'b']) started.push(await cluster.kubelet(name, ['--max-pods', '200']));
      for (const [name, begin] of Object.entries(start)) programs.set(name, await begin());
      [kubectl, client] = [cluster.kubectl(), cluster.client()];
      await kubectl.run('wait --for=create node/a node/b --timeout=60s');
      await kubectl.run('wait --for=condition=Ready node/a node/b --timeout=60s');
      await createMany(client, kubectl);
    }, 240_000);
    afterAll(() => cluster.dispose());

    it.each(['controller-manager', 'scheduler'] as const)(
      'the %s ends with 0, and its next life completes the rollout',
      async (name) => {
        await beginRollout(client, name);
        expect(await programs.get(name)?.end('SIGTERM')).toBe(0);
        expect((await progressOf(client)).isComplete).toBe(false);
        programs.set(name, await start[name]());
        await completes(kubectl);
        // Those that were replaced are still ending.
        await eventually(async () => {
          const selector = 'app%3Dmany&fieldSelector=status.phase%3DRunning';
          const listed = await client.send('GET', `/api/v1/namespaces/default/pods?labelSelector=${selector}`);
          expect((listed.body as { items: unknown[] }).items).toHaveLength(replicas);
        });
      },
      240_000,
    );

    it('leaves a sound log', async () => {
      for (const program of [...programs.values(), ...started.reverse()]) expect(await program.end()).toBe(0);
      await isSound(cluster.dataDir);
    });
  });

  it('up ends with 0, and its next life completes the rollout', async () => {
    const flags = ['--nodes', '4'];
    let reckon: ReckonProcess = await startReckon({ flags });
    const { dataDir } = reckon;
    try {
      const first = RawClient.of(reckon.kubeconfig);
      await createMany(first, new Kubectl(reckon.kubeconfig));
      await beginRollout(first, 'up');
      first.close();
      expect(await reckon.end('SIGTERM')).toBe(0);
      expect(reckon.output()).not.toMatch(/\n\s+at /);

      reckon = await startReckon({ flags, dataDir });
      const second = RawClient.of(reckon.kubeconfig);
      expect((await progressOf(second)).isComplete).toBe(false);
      await completes(new Kubectl(reckon.kubeconfig));
      second.close();
      expect(await reckon.end('SIGTERM')).toBe(0);
      await isSound(dataDir);
    } finally {
      await reckon.dispose();
      rmSync(dataDir, { recursive: true, force: true });
    }
  }, 400_000);
});
