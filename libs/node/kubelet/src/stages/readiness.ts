import type { corev1 } from '@reckon/api/types';
import { containerWork } from '../work/container-work';
import { annotations } from './annotations';
import type { Pod } from './next-stage';

type Probed = Pick<corev1.Container, 'readinessProbe'>;

/** Whether the readiness probe of a container is a command that says itself that it fails, or takes longer than it may. */
function failsByItself({ readinessProbe }: Probed): boolean {
  const command = readinessProbe?.exec?.command;
  const work = command === undefined ? undefined : containerWork({ command });
  if (work === undefined) return false;
  return work.exitCode !== 0 || work.durationMs > (readinessProbe?.timeoutSeconds ?? 1) * 1_000;
}

/** Whether the container stays unready as long as the pod does not ask for anything else. */
export const isNeverReady = ({ metadata }: Pod, container: Probed): boolean =>
  metadata.annotations?.[annotations.ready] === undefined && failsByItself(container);

/** Whether the container is ready once it runs: what the pod asks for comes first. */
export const answersReady = (pod: Pod, container: Probed): boolean =>
  pod.metadata.annotations?.[annotations.ready] !== 'false' && !isNeverReady(pod, container);
