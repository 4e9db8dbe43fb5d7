import { type Stage, stageFileSchema } from './stage';

/**
 * How pods live unless the user brings other stages. The annotations by which a test asks for something are the `reckon.dev/…` ones
 * here; DESIGN.md lists them.
 */
const stageFile = {
  stages: [
    {
      name: 'pod-killed',
      when: { deleting: true },
      after: { since: 'deleted', delayFrom: 'reckon.dev/terminate-after' },
      then: { do: 'kill' },
    },
    {
      name: 'image-cannot-be-pulled',
      when: { containers: 'none', annotations: { 'reckon.dev/image-error': true } },
      then: { do: 'wait', reasonFrom: 'reckon.dev/image-error' },
    },
    {
      name: 'image-can-be-pulled-again',
      when: { phase: ['Pending'], containers: 'waiting', annotations: { 'reckon.dev/image-error': null } },
      then: { do: 'start' },
    },
    {
      name: 'pod-started',
      when: { phase: ['Pending'], containers: 'none' },
      after: { delayFrom: 'reckon.dev/start-after' },
      then: { do: 'start' },
    },
    {
      name: 'probes-fail-on-request',
      when: { phase: ['Running'], containers: 'running', ready: true, annotations: { 'reckon.dev/ready': 'false' } },
      then: { do: 'unready' },
    },
    {
      name: 'containers-exit-on-request',
      when: { phase: ['Running'], containers: 'running', annotations: { 'reckon.dev/complete-after': true } },
      after: { since: 'started', delayFrom: 'reckon.dev/complete-after' },
      then: { do: 'exit', exitCodeFrom: 'reckon.dev/exit-code' },
    },
    {
      name: 'probes-answer-again',
      when: { phase: ['Running'], containers: 'running', ready: false, annotations: { 'reckon.dev/ready': null } },
      then: { do: 'ready' },
    },
    {
      name: 'probes-answer-on-request',
      when: { phase: ['Running'], containers: 'running', ready: false, annotations: { 'reckon.dev/ready': 'true' } },
      then: { do: 'ready' },
    },
    {
      name: 'containers-restart',
      when: { phase: ['Running'], containers: 'waiting' },
      after: { since: 'finished', backOff: true },
      then: { do: 'restart' },
    },
  ],
};

export const defaultStages: readonly Stage[] = stageFileSchema.parse(stageFile).stages;
