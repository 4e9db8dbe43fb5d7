import { type KubeObject, timeText } from '@reckon/api/machinery';
import type { batchv1, corev1 } from '@reckon/api/types';
import { refs } from '@reckon/client/rest';
import type { ClientHarness } from '@reckon/testkit';
import type { Pod } from '../../testing/controller-test.suite';
import type { Job } from '../job';

/** As the API would store it. */
const jobObject = (
  spec: Partial<batchv1.JobSpec> = {},
  metadata: KubeObject['metadata'] = {},
): Parameters<ClientHarness['api']['store']['create']>[2] => ({
  metadata: { name: 'work', ...metadata },
  spec: {
    parallelism: 1,
    ...(spec.parallelism === undefined ? { completions: 1 } : {}),
    backoffLimit: 6,
    completionMode: 'NonIndexed',
    suspend: false,
    podReplacementPolicy: spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed',
    selector: { matchLabels: { job: 'work' } },
    template: {
      metadata: { labels: { job: 'work' } },
      spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'work:1' }] },
    },
    ...spec,
  },
});

/** Reads and plays a job's life on a fake API. */
export class JobPlay {
  constructor(private readonly harness: () => ClientHarness) {}

  create(spec: Partial<batchv1.JobSpec> = {}, metadata: KubeObject['metadata'] = {}): Job {
    return this.store.create(refs.jobs, 'default', jobObject(spec, metadata));
  }

  job(): Job {
    return this.store.get(refs.jobs, 'default', 'work');
  }

  change(spec: Partial<batchv1.JobSpec>): void {
    const job = this.job();
    this.store.update(refs.jobs, 'default', { ...job, spec: { ...job.spec, ...spec } });
  }

  pods(): Pod[] {
    return this.store.list(refs.pods, 'default');
  }

  /** Those that neither have ended nor are going. */
  active(): Pod[] {
    return this.pods().filter(
      (p) => !['Succeeded', 'Failed'].includes(p.status?.phase ?? '') && p.metadata.deletionTimestamp === undefined,
    );
  }

  succeed(pod: Pod | undefined): void {
    this.finish(pod, 'Succeeded', 0);
  }

  fail(pod: Pod | undefined, exitCode = 1): void {
    this.finish(pod, 'Failed', exitCode);
  }

  setStatus(pod: Pod | undefined, status: corev1.PodStatus): void {
    const name = pod?.metadata.name ?? '';
    this.store.put(refs.pods, { ...this.store.get(refs.pods, 'default', name), status });
  }

  conditions(): string[] {
    return (this.job().status?.conditions ?? []).map(
      ({ type, status, reason = '', message = '' }) => `${type}=${status} ${reason}: ${message}`,
    );
  }

  events(): string[] {
    return this.store
      .list(refs.events, 'default')
      .map((e) => `${String(e['type'])} ${String(e['reason'])} ${String(e['message'])}`);
  }

  private finish(pod: Pod | undefined, phase: 'Succeeded' | 'Failed', exitCode: number): void {
    const finishedAt = timeText(this.harness().clock.nowMs());
    this.setStatus(pod, {
      phase,
      containerStatuses: [
        {
          name: 'main',
          image: 'work:1',
          imageID: '',
          ready: false,
          restartCount: 0,
          state: { terminated: { exitCode, finishedAt } },
        },
      ],
    });
  }

  private get store(): ClientHarness['api']['store'] {
    return this.harness().api.store;
  }
}
