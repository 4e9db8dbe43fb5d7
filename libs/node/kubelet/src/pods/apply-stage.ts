import type { Pod } from '../stages/next-stage';
import type { Stage } from '../stages/stage';
import { outlastsGrace } from '../stages/stage-time';
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
      return holdPod(pod, context, annotationOf(pod, then.reasonFrom) || (then.reason ?? 'ContainerCreating'));
    case 'exit':
      return exitContainers(pod, context, exitCodeOf(annotationOf(pod, then.exitCodeFrom)));
    case 'restart':
      return restartPod(pod, context);
    case 'ready':
    case 'unready':
      return probePod(pod, context, then.do === 'ready');
    case 'fail':
      return failPod(pod, context, { reason: then.reason ?? 'Failed', message: then.message ?? '' });
    case 'kill':
      return killPod(pod, context, { outlastsGrace: outlastsGrace(stage, pod) });
  }
}

/** 0 to 255; what is no such number counts as a failure that is no program's. */
function exitCodeOf(text: string): number {
  if (text === '') return 0;
  return /^\d{1,3}$/.test(text) && Number(text) <= 255 ? Number(text) : 128;
}
