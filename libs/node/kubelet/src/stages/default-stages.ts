import { annotations } from './annotations';
import type { Stage, StageText } from './stage';

/**
 * How pods live unless the user brings other stages. The annotations by which a test asks for something are in
 * `annotations.ts`.
 */
export const defaultStageTexts: readonly StageText[] = [
  {
    name: 'pod-killed',
    when: { deleting: true },
    after: { since: 'deleted', delayFrom: annotations.terminateAfter },
    then: { do: 'kill' },
  },
  {
    name: 'image-cannot-be-pulled',
    when: { containers: 'none', annotations: { [annotations.imageError]: true } },
    then: { do: 'wait', reasonFrom: annotations.imageError },
  },
  {
    name: 'image-is-missing',
    when: { containers: 'none', image: 'missing', annotations: { [annotations.imageError]: null } },
    then: { do: 'wait', reason: 'ImagePullBackOff' },
  },
  {
    name: 'image-can-be-pulled-again',
    when: {
      phase: ['Pending'],
      containers: 'waiting',
      init: 'done',
      image: 'present',
      annotations: { [annotations.imageError]: null },
    },
    then: { do: 'start' },
  },
  {
    name: 'pod-started',
    when: { phase: ['Pending'], containers: 'none' },
    after: { delayFrom: annotations.startAfter },
    then: { do: 'start' },
  },
  {
    name: 'init-containers-go-on',
    when: { phase: ['Pending'], init: 'begun' },
    after: { since: 'init' },
    then: { do: 'start' },
  },
  {
    name: 'probes-fail-on-request',
    when: { phase: ['Running'], containers: 'running', ready: true, annotations: { [annotations.ready]: 'false' } },
    then: { do: 'unready' },
  },
  {
    name: 'containers-exit-on-request',
    when: { phase: ['Running'], containers: 'running', annotations: { [annotations.completeAfter]: true } },
    after: { since: 'started', delayFrom: annotations.completeAfter },
    then: { do: 'exit', exitCodeFrom: annotations.exitCode },
  },
  {
    name: 'command-ends',
    when: { phase: ['Running'], containers: 'running', annotations: { [annotations.completeAfter]: null } },
    after: { since: 'command' },
    then: { do: 'end', exitCodeFrom: annotations.exitCode },
  },
  {
    // Who waits for a job waits for its end, and no program runs here that would come to one.
    name: 'work-ends',
    when: {
      phase: ['Running'],
      containers: 'running',
      ownedBy: 'Job',
      annotations: { [annotations.completeAfter]: null },
    },
    after: { since: 'command', unknown: '1s' },
    then: { do: 'end', exitCodeFrom: annotations.exitCode },
  },
  {
    name: 'probes-answer-again',
    when: { phase: ['Running'], containers: 'running', ready: false, annotations: { [annotations.ready]: null } },
    then: { do: 'ready' },
  },
  {
    name: 'probes-answer-on-request',
    when: { phase: ['Running'], containers: 'running', ready: false, annotations: { [annotations.ready]: 'true' } },
    then: { do: 'ready' },
  },
  {
    name: 'deadline-exceeded',
    when: { phase: ['Pending', 'Running'], deadline: true },
    after: { since: 'deadline' },
    then: {
      do: 'fail',
      reason: 'DeadlineExceeded',
      message: 'Pod was active on the node longer than the specified deadline',
    },
  },
  {
    name: 'containers-restart',
    when: { phase: ['Running'], restarts: true },
    after: { since: 'finished', backOff: true },
    then: { do: 'restart' },
  },
];

/** What the schema of a stage file adds: it is not read for these, since it would be a sixth of what the agents have to read. */
const withDefaults = ({ name, when, after, then }: StageText): Stage => ({
  name,
  when: { ...when, deleting: when.deleting ?? false, annotations: when.annotations ?? {} },
  after: {
    ...after,
    since: after?.since ?? 'seen',
    delay: after?.delay ?? '0ms',
    jitter: after?.jitter ?? '0ms',
    backOff: after?.backOff ?? false,
  },
  then,
});

export const defaultStages: readonly Stage[] = defaultStageTexts.map(withDefaults);
