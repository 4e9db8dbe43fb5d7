import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '@reckon/kernel';
import {
  RawClient,
  type RawWatch,
  type ReckonProcess,
  type WatchEvent,
  eventually,
  startReckon,
} from '@reckon/testkit';

interface Meta {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly ownerReferences?: readonly object[];
  readonly managedFields?: readonly {
    readonly manager: string;
    readonly operation: string;
    readonly subresource?: string;
  }[];
}
interface Pod {
  readonly metadata: Meta;
  readonly spec: { readonly nodeName?: string };
  readonly status: {
    readonly phase: string;
    readonly podIP?: string;
    readonly conditions?: readonly { type: string; status: string }[];
  };
}
interface Event {
  readonly reason: string;
  readonly message: string;
  readonly involvedObject: { readonly kind: string; readonly name: string };
  readonly source?: { readonly component?: string };
  readonly reportingComponent?: string;
}

const namespace = '/api/v1/namespaces/default';
const replicaSets = '/apis/apps/v1/namespaces/default/replicasets';
const mergePatch = { 'content-type': 'application/merge-patch+json' };

describe('from a ReplicaSet to running pods', () => {
  let reckon: ReckonProcess;
  let client: RawClient;

  beforeAll(async () => {
    reckon = await startReckon();
    client = RawClient.of(reckon.kubeconfig);
  });
  afterAll(async () => {
    client.close();
    await reckon.dispose();
  });

  const items = async <T>(path: string): Promise<T[]> =>
    ((await client.send('GET', path)).body as { items: T[] }).items;

  it('W19: each step is seen in the watch, with who did it', async () => {
    const watch = await client.watch(`${namespace}/pods?watch=1`);
    const created = await client.send('POST', replicaSets, {
      body: {
        metadata: { name: 'web' },
        spec: {
          replicas: 3,
          selector: { matchLabels: { app: 'web' } },
          template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
        },
      },
    });
    expect(created.status, created.text).toBe(201);
    const set = (created.body as { metadata: Meta }).metadata;
    await eventually(async () => {
      const reply = await client.send('GET', `${replicaSets}/web`);
      expect((reply.body as { status: object }).status).toEqual({
        replicas: 3,
        fullyLabeledReplicas: 3,
        readyReplicas: 3,
        availableReplicas: 3,
        terminatingReplicas: 0,
        observedGeneration: 1,
      });
    });

    const pods = await items<Pod>(`${namespace}/pods`);
    expect(pods).toHaveLength(3);
    for (const pod of pods) {
      expect(pod.metadata.name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
      expect(pod.metadata.ownerReferences).toEqual([
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: 'web',
          uid: set.uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ]);
      expect(pod.metadata.managedFields?.map((f) => [f.manager, f.operation, f.subresource])).toEqual([
        ['kube-controller-manager', 'Update', undefined],
        ['kubelet', 'Update', 'status'],
      ]);
      // What a watch saw of it: created without a node, bound by the scheduler, then the kubelet's status.
      const steps = watch.events
        .map((event) => [event.type, event.object as unknown as Pod] as const)
        .filter(([, seen]) => seen.metadata.uid === pod.metadata.uid);
      expect(steps.map(([type]) => type)).toEqual(['ADDED', ...steps.slice(1).map(() => 'MODIFIED')]);
      expect(steps[0]?.[1].spec.nodeName).toBeUndefined();
      expect(steps[0]?.[1].status.phase).toBe('Pending');
      expect(steps[1]?.[1].spec.nodeName).toMatch(/^reckon-node-\d$/);
      expect(steps[1]?.[1].status.phase).toBe('Pending');
      expect(steps[1]?.[1].status.conditions).toMatchObject([{ type: 'PodScheduled', status: 'True' }]);
      expect(steps.at(-1)?.[1].status.phase).toBe('Running');
      expect(steps.at(-1)?.[1].status.podIP).toMatch(/^10\.244\./);
      const revisions = steps.map(([, seen]) => Number(seen.metadata.resourceVersion));
      expect(revisions).toEqual([...revisions].sort((a, b) => a - b));
    }
    expect(new Set(pods.map((pod) => pod.status.podIP)).size).toBe(3);

    await eventually(async () => {
      const events = await items<Event>(`${namespace}/events`);
      const told = (kind: string, name: string): string[] =>
        events
          .filter(({ involvedObject }) => involvedObject.kind === kind && involvedObject.name === name)
          .map((event) => `${event.reason} by ${event.source?.component ?? event.reportingComponent ?? ''}`);
      expect(told('ReplicaSet', 'web')).toEqual(Array(3).fill('SuccessfulCreate by replicaset-controller'));
      for (const { metadata } of pods)
        expect(told('Pod', metadata.name).sort()).toEqual([
          'Created by kubelet',
          'Pulled by kubelet',
          'Pulling by kubelet',
          'Scheduled by default-scheduler',
          'Started by kubelet',
        ]);
    });
    watch.close();
  });

  it('W19: a deleted pod is replaced, a scaled set shrinks, a deleted set takes its pods along', async () => {
    const [first] = await items<Pod>(`${namespace}/pods`);
    await client.send('DELETE', `${namespace}/pods/${first?.metadata.name ?? ''}`);
    await eventually(async () => {
      const pods = await items<Pod>(`${namespace}/pods`);
      expect(pods.map((pod) => pod.status.phase)).toEqual(['Running', 'Running', 'Running']);
      expect(pods.map((pod) => pod.metadata.uid)).not.toContain(first?.metadata.uid);
    });
    await client.send('PATCH', `${replicaSets}/web`, { body: { spec: { replicas: 1 } }, headers: mergePatch });
    await eventually(async () => {
      expect(await items<Pod>(`${namespace}/pods`)).toHaveLength(1);
    });
    expect(
      (await client.send('DELETE', `${replicaSets}/web`, { body: { propagationPolicy: 'Foreground' } })).status,
    ).toBe(200);
    await eventually(async () => {
      expect(await items<Pod>(`${namespace}/pods`)).toEqual([]);
      expect(await items(replicaSets)).toEqual([]);
    });
  });

  it('W20: list and watch keep a cache in step through a storm of changes', async () => {
    const seed = Number(process.env['RECKON_SEED'] ?? process.pid);
    const random = seededRandom(seed);
    const label = `RECKON_SEED=${String(seed)}`;
    const path = `${namespace}/configmaps`;
    const cache = new Map<string, string>();
    const faults: string[] = [];
    let revision = 0;
    const take = ({ type, object }: WatchEvent): void => {
      const { name, resourceVersion } = object['metadata'] as Meta;
      if (Number(resourceVersion) <= revision)
        faults.push(`${type} ${name} at ${resourceVersion} after ${String(revision)}`);
      revision = Number(resourceVersion);
      if (type === 'BOOKMARK') return;
      if ((type === 'ADDED') === cache.has(name))
        faults.push(`${type} ${name} while the cache ${cache.has(name) ? 'has it' : 'has it not'}`);
      if (type === 'DELETED') cache.delete(name);
      else cache.set(name, resourceVersion);
    };

    const listed = (await client.send('GET', path)).body as { metadata: Meta; items: { metadata: Meta }[] };
    for (const { metadata } of listed.items) cache.set(metadata.name, metadata.resourceVersion);
    revision = Number(listed.metadata.resourceVersion);
    const follow = (): Promise<RawWatch> =>
      client.watch(`${path}?watch=1&allowWatchBookmarks=true&resourceVersion=${String(revision)}`, take);
    let watch = await follow();

    const change = async (writer: number): Promise<void> => {
      for (let i = 0; i < 500; i++) {
        const name = `s${String(random.int(100))}`;
        const body = { metadata: { name }, data: { by: `${String(writer)}-${String(i)}` } };
        const roll = random.float();
        // Writers meet: 404, 409 and AlreadyExists are part of the storm.
        if (roll < 0.35) await client.send('POST', path, { body });
        else if (roll < 0.6) await client.send('PUT', `${path}/${name}`, { body });
        else if (roll < 0.75)
          await client.send('PATCH', `${path}/${name}`, { body: { data: body.data }, headers: mergePatch });
        else await client.send('DELETE', `${path}/${name}`);
        if (writer === 0 && i % 100 === 50) {
          // The watch breaks and goes on from the last revision it saw.
          watch.close();
          await watch.ended;
          watch = await follow();
        }
      }
    };
    await Promise.all([0, 1, 2, 3].map(change));

    const fresh = await items<{ metadata: Meta }>(path);
    await eventually(() => {
      expect(Object.fromEntries(cache), label).toEqual(
        Object.fromEntries(fresh.map(({ metadata }) => [metadata.name, metadata.resourceVersion])),
      );
    });
    expect(faults, label).toEqual([]);
    watch.close();
  });
});
