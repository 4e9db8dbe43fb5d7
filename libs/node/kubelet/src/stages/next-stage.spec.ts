import { seededRandom } from '@reckon/kernel';
import { describe, expect, it } from 'vitest';
import { annotations } from './annotations';
import { defaultStages } from './default-stages';
import { durationMs } from './duration';
import { type Pod, nextStage } from './next-stage';
import { restartBackOffMs } from './restart-back-off';
import { type Stage, stageFileSchema } from './stage';
import { StageWaits } from './stage-waits';

const seenMs = Date.UTC(2026, 0, 1);
const at = (seconds: number): string => new Date(seenMs + seconds * 1000).toISOString().replace('.000', '');

interface State {
  readonly phase?: string;
  readonly annotations?: Record<string, string>;
  readonly state?: object;
  readonly lastState?: object;
  readonly ready?: boolean;
  readonly restartCount?: number;
  readonly metadata?: object;
  readonly spec?: object;
}

const pod = ({
  phase = 'Pending',
  annotations: marks,
  metadata,
  spec,
  state,
  lastState,
  ready = true,
  restartCount = 0,
}: State): Pod => ({
  metadata: { name: 'web', ...(marks === undefined ? {} : { annotations: marks }), ...metadata },
  spec: { containers: [{ name: 'main' }], ...spec },
  status: {
    phase,
    startTime: at(0),
    ...(state === undefined
      ? {}
      : {
          containerStatuses: [
            { name: 'main', state, lastState: lastState ?? {}, ready, restartCount, image: '', imageID: '' },
          ],
        }),
  },
});

const running = { running: { startedAt: at(1) } };
const ended = { terminated: { exitCode: 1, startedAt: at(1), finishedAt: at(3) } };
const waiting = { waiting: { reason: 'CrashLoopBackOff' } };
const ownedBy = (kind: string): object => ({
  ownerReferences: [{ apiVersion: 'x/v1', kind, name: 'x', uid: 'x', controller: true }],
});
const ofJob = ownedBy('Job');
const ofSet = ownedBy('ReplicaSet');
const runs = (...command: (string | object)[]): { readonly spec: object } => ({
  spec: Object.assign(
    { containers: [{ name: 'main', command: command.filter((c) => typeof c === 'string') }] },
    ...command.filter((c) => typeof c === 'object'),
  ) as object,
});
const probed = (...command: string[]): { readonly spec: object } => ({
  spec: { containers: [{ name: 'main', readinessProbe: { exec: { command } } }] },
});
const deleted = { deletionTimestamp: at(40), deletionGracePeriodSeconds: 30 };

describe('the next stage', () => {
  it.each<[string, State, string | undefined, number?]>([
    ['a placed pod starts at once', {}, 'pod-started', 0],
    ['a pod may ask to start later', { annotations: { [annotations.startAfter]: '250ms' } }, 'pod-started', 250],
    [
      'an image that is not there is found out first',
      { annotations: { [annotations.imageError]: 'ErrImagePull' } },
      'image-cannot-be-pulled',
      0,
    ],
    [
      'a pod waits as long as its image is not there',
      { state: waiting, annotations: { [annotations.imageError]: 'ErrImagePull' } },
      undefined,
    ],
    ['a pod whose image is there again starts', { state: waiting }, 'image-can-be-pulled-again', 0],
    ['a running pod stays as it is', { phase: 'Running', state: running }, undefined],
    [
      'a pod ends when it asked for it, counted from the start of its containers',
      { phase: 'Running', state: running, annotations: { [annotations.completeAfter]: '1m' } },
      'containers-exit-on-request',
      61_000,
    ],
    ['the pod of a job ends by itself', { phase: 'Running', state: running, metadata: ofJob }, 'work-ends', 2_000],
    [
      'unless it says when',
      {
        phase: 'Running',
        state: running,
        metadata: { ...ofJob, annotations: { [annotations.completeAfter]: '1m' } },
      },
      'containers-exit-on-request',
      61_000,
    ],
    ['the pod of another owner does not', { phase: 'Running', state: running, metadata: ofSet }, undefined],
    [
      'what is due first comes first: probes before the end',
      {
        phase: 'Running',
        state: running,
        ready: false,
        annotations: { [annotations.completeAfter]: '1h' },
      },
      'probes-answer-again',
      0,
    ],
    [
      'a pod may ask not to be ready',
      { phase: 'Running', state: running, annotations: { [annotations.ready]: 'false' } },
      'probes-fail-on-request',
      0,
    ],
    [
      'an unready pod that asks for it stays so',
      { phase: 'Running', state: running, ready: false, annotations: { [annotations.ready]: 'false' } },
      undefined,
    ],
    [
      'a container that ended in a running pod starts again',
      { phase: 'Running', state: ended },
      'containers-restart',
      3_000,
    ],
    [
      'one that ended well stays so where only failure restarts',
      {
        phase: 'Running',
        state: { terminated: { ...ended.terminated, exitCode: 0 } },
        spec: { restartPolicy: 'OnFailure' },
      },
      undefined,
    ],
    [
      'a container whose command ends does so',
      { phase: 'Running', state: running, ...runs('sleep', '90') },
      'command-ends',
      91_000,
    ],
    [
      'no command takes less than a second',
      { phase: 'Running', state: running, ...runs('false') },
      'command-ends',
      2_000,
    ],
    [
      'so does that of a job, however long that is',
      { phase: 'Running', state: running, metadata: ofJob, ...runs('sh', '-c', 'echo on; sleep 1h') },
      'command-ends',
      3_601_000,
    ],
    [
      'a job that never ends is left alone',
      { phase: 'Running', state: running, metadata: ofJob, ...runs('/pause') },
      undefined,
    ],
    [
      'the annotation has the last word',
      { phase: 'Running', state: running, annotations: { [annotations.completeAfter]: '5s' }, ...runs('sleep', '90') },
      'containers-exit-on-request',
      6_000,
    ],
    [
      'a probe that fails by itself goes on failing',
      { phase: 'Running', state: running, ready: false, ...probed('false') },
      undefined,
    ],
    [
      'a pod may ask to be ready all the same',
      {
        phase: 'Running',
        state: running,
        ready: false,
        annotations: { [annotations.ready]: 'true' },
        ...probed('false'),
      },
      'probes-answer-on-request',
      0,
    ],
    [
      'a probe that takes too long fails',
      { phase: 'Running', state: running, ready: false, ...probed('sleep', '2') },
      undefined,
    ],
    [
      'a probe that succeeds is heard',
      { phase: 'Running', state: running, ready: false, ...probed('sh', '-c', 'exit 0') },
      'probes-answer-again',
      0,
    ],
    [
      'a deadline may come first',
      { phase: 'Running', state: running, ...runs('sleep', '90', { activeDeadlineSeconds: 5 }) },
      'deadline-exceeded',
      5_000,
    ],
    [
      'one that ended before waits, counted from its end',
      { phase: 'Running', state: waiting, lastState: ended, restartCount: 2 },
      'containers-restart',
      23_000,
    ],
    [
      'a pod with a deadline meets it',
      { phase: 'Running', state: running, spec: { activeDeadlineSeconds: 5 } },
      'deadline-exceeded',
      5_000,
    ],
    [
      'a pod that has ended stays as it is',
      { phase: 'Succeeded', state: ended, spec: { activeDeadlineSeconds: 5 } },
      undefined,
    ],
    ['a deleted pod is killed from the time of its deletion', { metadata: deleted }, 'pod-killed', 10_000],
    [
      'a deleted pod may ask for time',
      { metadata: deleted, annotations: { [annotations.terminateAfter]: '4s' } },
      'pod-killed',
      14_000,
    ],
    [
      'a deleted pod gets no more time than its grace period',
      { metadata: deleted, annotations: { [annotations.terminateAfter]: '1h' } },
      'pod-killed',
      40_000,
    ],
  ])('%s', (_, state, name, afterMs) => {
    const due = nextStage(defaultStages, pod(state), () => ({ sinceMs: seenMs, jitterMs: 0 }));
    expect(due?.stage.name).toBe(name);
    expect(due === undefined ? undefined : due.atMs - seenMs).toBe(afterMs);
  });
});

describe('the restart back-off', () => {
  it('starts with none, then 10 s, doubles, and ends at five minutes', () => {
    const of = (restartCount: number): number => restartBackOffMs({ restartCount, state: ended }) / 1000;
    expect([0, 1, 2, 3, 4, 5, 6, 7, 100].map(of)).toEqual([0, 10, 20, 40, 80, 160, 300, 300, 300]);
  });

  it('forgets a container that ran for more than ten minutes', () => {
    const long = { terminated: { exitCode: 1, startedAt: at(0), finishedAt: at(601) } };
    expect(restartBackOffMs({ restartCount: 7, state: {}, lastState: long })).toBe(0);
  });
});

describe('the wait for a stage', () => {
  const stage = (jitter: string): Stage =>
    stageFileSchema.parse({ stages: [{ name: 's', when: {}, after: { jitter }, then: { do: 'start' } }] })
      .stages[0] as Stage;

  it('counts from when the stage began to hold, with the same jitter, until it holds no more', () => {
    const waits = new StageWaits(seededRandom(1));
    const first = waits.ask((waitOf) => waitOf(stage('10s')), 1_000);
    expect(first.sinceMs).toBe(1_000);
    expect(first.jitterMs).toBeGreaterThan(0);
    expect(first.jitterMs).toBeLessThan(10_000);
    expect(waits.ask((waitOf) => waitOf(stage('10s')), 2_000)).toEqual(first);
    waits.ask(() => undefined, 3_000);
    expect(waits.ask((waitOf) => waitOf(stage('10s')), 4_000).sinceMs).toBe(4_000);
  });
});

describe('a stage file', () => {
  it('is refused with the place of what is wrong', () => {
    const bad = stageFileSchema.safeParse({
      stages: [{ name: 's', when: {}, after: { delay: '5 s' }, then: { do: 'start' } }],
    });
    expect(bad.error?.issues.map((i) => i.path.join('.'))).toEqual(['stages.0.after.delay']);
    expect(stageFileSchema.safeParse({ stages: [{ name: 's', when: {}, then: { do: 'dance' } }] }).success).toBe(false);
    expect(stageFileSchema.safeParse({ stages: [] }).success).toBe(false);
  });

  it('knows four units', () => {
    expect(['250ms', '2s', '3m', '1h', '', 'soon'].map(durationMs)).toEqual([250, 2_000, 180_000, 3_600_000, 0, 0]);
  });
});
