import type { corev1 } from '@reckon/api/types';
import { isMissingImage } from '../stages/missing-image';
import type { Pod } from '../stages/next-stage';
import type { Stage } from '../stages/stage';
import { commandEnds } from '../stages/command-ends';
import { outlastsGrace, restartsOf } from '../stages/stage-time';
import { exitContainers, failPod, killPod } from './end-containers';
import { type StageContext, type StageOutcome, annotationOf } from './pod-status';
import { holdPod, probePod, restartPod, startPod } from './start-pod';

/** Takes a step of the pod's life. Pure: the same pod, stage and moment give the same outcome. */
export function applyStage(pod: Pod, stage: Stage, context: StageContext): StageOutcome {
  const { then } = stage;
  switch (then.do) {
    case 'start':
      return startPod(pod, context);
    case 'wait':
      return holdPod(pod, context, holdingReason(pod, stage));
    case 'exit':
      return exitContainers(pod, context, () => askedExitCode(pod, stage) ?? 0);
    case 'end': {
      const ends = commandEnds(stage, pod, context.nowMs).filter((e) => e.atMs <= context.nowMs);
      return exitContainers(pod, context, (container) => {
        const end = ends.find((e) => e.container === container);
        return end === undefined ? undefined : (askedExitCode(pod, stage) ?? end.exitCode);
      });
    }
    case 'restart':
      return restartPod(pod, context, dueRestarts(pod, stage, context));
    case 'ready':
    case 'unready':
      return probePod(pod, context, then.do === 'ready');
    case 'fail':
      return failPod(pod, context, { reason: then.reason ?? 'Failed', message: then.message ?? '' });
    case 'kill':
      return killPod(pod, context, { outlastsGrace: outlastsGrace(stage, pod) });
  }
}

/** What an annotation asks for holds every container; an image that is not there holds those that want it. */
function holdingReason(pod: Pod, { when, then }: Stage): (container: Pick<corev1.Container, 'image'>) => string {
  const reason = annotationOf(pod, then.reasonFrom) || (then.reason ?? 'ContainerCreating');
  return ({ image = '' }) => (when.image === 'missing' && !isMissingImage(image) ? 'ContainerCreating' : reason);
}

function dueRestarts(pod: Pod, { after }: Stage, { nowMs }: StageContext): readonly string[] {
  return restartsOf(pod, nowMs)
    .filter((r) => !after.backOff || r.atMs <= nowMs)
    .map((r) => r.container);
}

/** 0 to 255; what is no such number counts as a failure that is no program's. */
function askedExitCode(pod: Pod, { then }: Stage): number | undefined {
  const text = annotationOf(pod, then.exitCodeFrom);
  if (text === '') return undefined;
  return /^\d{1,3}$/.test(text) && Number(text) <= 255 ? Number(text) : 128;
}
