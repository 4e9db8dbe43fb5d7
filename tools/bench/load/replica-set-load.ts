import type { Figure } from '../rows';
import type { Target } from '../target';
import { openClient } from './client';
import { openWatchStream } from './watch-stream';

const pods = '/api/v1/namespaces/default/pods';

/** Waits until so many nodes are Ready, creates a ReplicaSet and watches its pods until all are Running. */
export async function replicaSetLoad(
  target: Target,
  load: { readonly nodes: number; readonly replicas: number; readonly patienceSeconds: number },
): Promise<Figure> {
  const control = openClient(target);
  const deadline = performance.now() + load.patienceSeconds * 1000;
  for (;;) {
    const { body } = await control.request('GET', '/api/v1/nodes');
    const { items } = JSON.parse(body.toString()) as {
      items: { status?: { conditions?: { type: string; status: string }[] } }[];
    };
    const ready = items.filter((n) => n.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True'));
    if (ready.length >= load.nodes) break;
    if (performance.now() > deadline) throw new Error(`only ${String(ready.length)} nodes became Ready`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const watcher = await openWatchStream(target);
  const running = new Set<string>();
  let rest = '';
  const done = new Promise<number>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`${String(running.size)} of ${String(load.replicas)} pods Running in time`)),
      load.patienceSeconds * 1000,
    );
    watcher.start(
      `${pods}?watch=true&labelSelector=bench%3Dreplicaset`,
      (chunk) => {
        const lines = (rest + chunk.toString()).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          if (!line.includes('"phase":"Running"')) continue;
          const name = /"name":"([^"]+)"/.exec(line)?.[1];
          if (name !== undefined) running.add(name);
        }
        if (running.size < load.replicas) return;
        clearTimeout(timer);
        resolve(performance.now());
      },
      reject,
    );
  });
  const labels = { bench: 'replicaset' };
  const startAt = performance.now();
  const created = await control.request(
    'POST',
    '/apis/apps/v1/namespaces/default/replicasets',
    Buffer.from(
      JSON.stringify({
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        metadata: { name: 'bench' },
        spec: {
          replicas: load.replicas,
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: { containers: [{ name: 'c', image: 'registry.k8s.io/pause:3.10' }] },
          },
        },
      }),
    ),
  );
  if (created.status !== 201) throw new Error(`creating the ReplicaSet answered ${String(created.status)}`);
  const endAt = await done;
  watcher.close();
  control.close();
  return { value: endAt - startAt };
}
