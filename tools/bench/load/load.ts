import { podBody } from '../objects';
import type { Figure } from '../rows';
import type { Target } from '../target';
import { openClient } from './client';
import { closedLoop } from './closed-loop';
import { Latencies } from './latencies';
import { replicaSetLoad } from './replica-set-load';
import { watchLoad } from './watch-load';

/** What a load process is asked to do; it answers with one figure and ends. */
export type Job =
  | { readonly kind: 'create'; readonly seconds: number; readonly prefix: string; readonly total?: number }
  | { readonly kind: 'get' | 'patch'; readonly seconds: number; readonly prefix: string; readonly pods: number }
  | { readonly kind: 'list'; readonly times: number }
  | { readonly kind: 'watch'; readonly watchers: number; readonly creates: number; readonly prefix: string }
  | {
      readonly kind: 'replicaset';
      readonly nodes: number;
      readonly replicas: number;
      readonly patienceSeconds: number;
    };

export type JobResult = { readonly figure: Figure & { readonly sent?: number } } | { readonly error: string };

const clients = 32;
const pods = '/api/v1/namespaces/default/pods';

function run(target: Target, job: Job): Promise<Figure & { readonly sent?: number }> {
  const warmupSeconds = Math.min(1, 'seconds' in job ? job.seconds / 3 : 0);
  switch (job.kind) {
    case 'create':
      return closedLoop(target, {
        clients,
        seconds: job.seconds,
        warmupSeconds,
        ...(job.total === undefined ? {} : { total: job.total }),
        send: (client, i) => client.request('POST', pods, podBody(`${job.prefix}-${String(i)}`)),
      });
    case 'get':
      return closedLoop(target, {
        clients,
        seconds: job.seconds,
        warmupSeconds,
        send: (client, i) => client.request('GET', `${pods}/${job.prefix}-${String((i * 7) % job.pods)}`),
      });
    case 'patch':
      return closedLoop(target, {
        clients,
        seconds: job.seconds,
        warmupSeconds,
        send: (client, i, index) =>
          client.request(
            'PATCH',
            // Each client has pods of its own: no two patch the same one at a time.
            `${pods}/${job.prefix}-${String((index + clients * i) % (job.pods - (job.pods % clients)))}`,
            Buffer.from(`{"metadata":{"labels":{"round":"r${String(i)}"}}}`),
            'application/merge-patch+json',
          ),
      });
    case 'list':
      return list(target, job.times);
    case 'watch':
      return watchLoad(target, { ...job, clients });
    case 'replicaset':
      return replicaSetLoad(target, job);
  }
}

async function list(target: Target, times: number): Promise<Figure> {
  const client = openClient(target);
  const latencies = new Latencies();
  for (let i = 0; i < times + 2; i++) {
    const sentAt = performance.now();
    const { status } = await client.request('GET', pods);
    if (status !== 200) throw new Error(`list answered ${String(status)}`);
    if (i >= 2) latencies.add(performance.now() - sentAt);
  }
  client.close();
  const { p50, p99 } = latencies.summary();
  return { value: p50, p50, p99 };
}

process.once('message', (message: { target: Target; job: Job }) => {
  run(message.target, message.job).then(
    (figure) => process.send?.({ figure } satisfies JobResult, () => process.exit(0)),
    (error: unknown) => {
      const text = error instanceof Error ? error.message : String(error);
      process.send?.({ error: text } satisfies JobResult, () => process.exit(0));
    },
  );
});
