import type { corev1 } from '@reckon/api/types';
import type { Pod } from './next-stage';

/** Whether a container that ended so is started again (pkg/kubelet/container.ShouldContainerBeRestarted). */
function restartsAfter({ spec }: Pod, exitCode: number): boolean {
  const policy = spec?.restartPolicy ?? 'Always';
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

/** Whether a container of a pod that runs has ended and is to run again, now or after its back-off. */
export function awaitsRestart(pod: Pod, { state }: corev1.ContainerStatus): boolean {
  if (state?.running !== undefined) return false;
  return state?.terminated === undefined || restartsAfter(pod, state.terminated.exitCode);
}
