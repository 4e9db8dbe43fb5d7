import type { Pod } from '../stages/next-stage';
import type { Container } from './container-status';
import { type PodEvent, uidOf } from './pod-status';

/** The texts are those of pkg/kubelet (images/image_manager.go, kuberuntime/kuberuntime_container.go). */
export const startEvents = (containers: readonly Container[]): PodEvent[] =>
  containers.flatMap((c) => [
    {
      type: 'Normal' as const,
      reason: 'Pulled',
      message: `Container image "${c.image ?? ''}" already present on machine and can be accessed by the pod`,
    },
    { type: 'Normal' as const, reason: 'Created', message: 'Container created' },
    { type: 'Normal' as const, reason: 'Started', message: 'Container started' },
  ]);

export const killingEvent = (message: string): PodEvent => ({ type: 'Normal', reason: 'Killing', message });

export const unhealthyEvent: PodEvent = {
  type: 'Warning',
  reason: 'Unhealthy',
  message: 'Readiness probe failed: the pod asks for it (reckon.dev/ready: "false")',
};

/** How Events and statuses name a container's pod. */
const podText = (pod: Pod): string => `${pod.metadata.name ?? ''}_${pod.metadata.namespace ?? ''}(${uidOf(pod)})`;

export const backOffEvent = (pod: Pod, container: string): PodEvent => ({
  type: 'Warning',
  reason: 'BackOff',
  message: `Back-off restarting failed container ${container} in pod ${podText(pod)}`,
});

/** What a container says that waits to be restarted: `back-off 2m40s restarting failed container=main pod=web_default(…)`. */
export function backOffMessage(pod: Pod, container: string, backOffMs: number): string {
  const seconds = backOffMs / 1000;
  const text = seconds >= 60 ? `${String(Math.floor(seconds / 60))}m${String(seconds % 60)}s` : `${String(seconds)}s`;
  return `back-off ${text} restarting failed container=${container} pod=${podText(pod)}`;
}

/** Why an image is not there: the message of the waiting container, and the Events about it. */
export function imageTrouble(
  image: string,
  reason: string,
): { readonly message: string | undefined; readonly events: readonly PodEvent[] } {
  const failed = (message: string): PodEvent => ({ type: 'Warning', reason: 'Failed', message });
  const cause = `failed to pull and unpack image "${image}": the pod asks for it (reckon.dev/image-error)`;
  const waits = failed(`Error: ${reason}`);
  switch (reason) {
    case 'ErrImagePull':
      return {
        message: cause,
        events: [
          { type: 'Normal', reason: 'Pulling', message: `Pulling image "${image}"` },
          failed(`Failed to pull image "${image}": ${cause}`),
          waits,
        ],
      };
    case 'ImagePullBackOff':
      return {
        message: `Back-off pulling image "${image}": ErrImagePull: ${cause}`,
        events: [{ type: 'Normal', reason: 'BackOff', message: `Back-off pulling image "${image}"` }, waits],
      };
    case 'ErrImageNeverPull': {
      const message = `Container image "${image}" is not present with pull policy of Never`;
      return { message, events: [{ type: 'Warning', reason: 'ErrImageNeverPull', message }, waits] };
    }
    case 'InvalidImageName': {
      const message = `Failed to apply default image tag "${image}": couldn't parse image name "${image}": invalid reference format`;
      return { message, events: [{ type: 'Warning', reason: 'InspectFailed', message }, waits] };
    }
    default:
      return { message: undefined, events: [waits] };
  }
}
