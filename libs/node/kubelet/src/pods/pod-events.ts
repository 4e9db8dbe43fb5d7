import { isMissingImage } from '../stages/missing-image';
import type { Pod } from '../stages/next-stage';
import { type Container, fullImageName, imageSize } from './container-status';
import { type PodEvent, uidOf } from './pod-status';

type ContainerName = Pick<Container, 'name'>;

/** How an Event says which container it is about (pkg/kubelet/container/ref.go `fieldPath`). */
function fieldPathOf({ spec }: Pod, { name }: ContainerName): string {
  const has = (containers: readonly ContainerName[] | undefined): boolean =>
    containers?.some((c) => c.name === name) === true;
  if (has(spec?.initContainers)) return `spec.initContainers{${name}}`;
  if (has(spec?.ephemeralContainers)) return `spec.ephemeralContainers{${name}}`;
  return `spec.containers{${name}}`;
}

function containerEvent(
  pod: Pod,
  container: ContainerName,
  told: Pick<PodEvent, 'reason' | 'message'> & { readonly type?: PodEvent['type'] },
): PodEvent {
  return { type: 'Normal', ...told, fieldPath: fieldPathOf(pod, container) };
}

/**
 * The texts are those of pkg/kubelet (images/image_manager.go, kuberuntime/kuberuntime_container.go). A simulated machine has every
 * image; policy Always asks the registry all the same, which takes no time.
 */
export function startEvents(pod: Pod, containers: readonly Container[]): PodEvent[] {
  return containers.flatMap((c) => [
    ...imageEvents(pod, c),
    containerEvent(pod, c, { reason: 'Created', message: 'Container created' }),
    containerEvent(pod, c, { reason: 'Started', message: 'Container started' }),
  ]);
}

function imageEvents(pod: Pod, container: Container): PodEvent[] {
  const { image = '', imagePullPolicy } = container;
  if (imagePullPolicy !== 'Always') {
    const message = `Container image "${image}" already present on machine and can be accessed by the pod`;
    return [containerEvent(pod, container, { reason: 'Pulled', message })];
  }
  const size = String(imageSize(fullImageName(image)));
  const message = `Successfully pulled image "${image}" in 0s (0s including waiting). Image size: ${size} bytes.`;
  return [pullingEvent(pod, container), containerEvent(pod, container, { reason: 'Pulled', message })];
}

const pullingEvent = (pod: Pod, container: Container): PodEvent =>
  containerEvent(pod, container, { reason: 'Pulling', message: `Pulling image "${container.image ?? ''}"` });

export const stoppingEvent = (pod: Pod, container: ContainerName): PodEvent =>
  containerEvent(pod, container, { reason: 'Killing', message: `Stopping container ${container.name}` });

export const changedEvent = (pod: Pod, container: ContainerName): PodEvent =>
  containerEvent(pod, container, {
    reason: 'Killing',
    message: `Container ${container.name} definition changed, will be restarted`,
  });

/** `output`: what the probe printed. */
export const unhealthyEvent = (pod: Pod, container: ContainerName, output: string): PodEvent =>
  containerEvent(pod, container, {
    type: 'Warning',
    reason: 'Unhealthy',
    message: `Readiness probe failed: ${output}`,
  });

/** How Events and statuses name a container's pod. */
const podText = (pod: Pod): string => `${pod.metadata.name ?? ''}_${pod.metadata.namespace ?? ''}(${uidOf(pod)})`;

export const backOffEvent = (pod: Pod, container: ContainerName): PodEvent =>
  containerEvent(pod, container, {
    type: 'Warning',
    reason: 'BackOff',
    message: `Back-off restarting failed container ${container.name} in pod ${podText(pod)}`,
  });

/** What a container says that waits to be restarted: `back-off 2m40s restarting failed container=main pod=web_default(…)`. */
export function backOffMessage(pod: Pod, container: string, backOffMs: number): string {
  const seconds = backOffMs / 1000;
  const text = seconds >= 60 ? `${String(Math.floor(seconds / 60))}m${String(seconds % 60)}s` : `${String(seconds)}s`;
  return `back-off ${text} restarting failed container=${container} pod=${podText(pod)}`;
}

/** As containerd words it; an image that is there fails only because the pod wants it so. */
function pullFailure(image: string): string {
  if (!isMissingImage(image))
    return `failed to pull and unpack image "${image}": the pod asks for it (reckon.dev/image-error)`;
  const name = fullImageName(image);
  return `failed to pull and unpack image "${name}": failed to resolve reference "${name}": ${name}: not found`;
}

/** Why a container's image is not there: the message of the waiting container, and the Events about it. */
export function imageTrouble(
  pod: Pod,
  container: Container,
  reason: string,
): { readonly message: string | undefined; readonly events: readonly PodEvent[] } {
  const { image = '' } = container;
  const warning = (why: string, message: string): PodEvent =>
    containerEvent(pod, container, { type: 'Warning', reason: why, message });
  const cause = pullFailure(image);
  const waits = warning('Failed', `Error: ${reason}`);
  switch (reason) {
    case 'ErrImagePull':
      return {
        message: cause,
        events: [pullingEvent(pod, container), warning('Failed', `Failed to pull image "${image}": ${cause}`), waits],
      };
    case 'ImagePullBackOff':
      return {
        message: `Back-off pulling image "${image}": ErrImagePull: ${cause}`,
        events: [
          containerEvent(pod, container, { reason: 'BackOff', message: `Back-off pulling image "${image}"` }),
          waits,
        ],
      };
    case 'ErrImageNeverPull': {
      const message = `Container image "${image}" is not present with pull policy of Never`;
      return { message, events: [warning('ErrImageNeverPull', message), waits] };
    }
    case 'InvalidImageName': {
      const message = `Failed to apply default image tag "${image}": couldn't parse image name "${image}": invalid reference format`;
      return { message, events: [warning('InspectFailed', message), waits] };
    }
    case 'ContainerCreating':
      return { message: undefined, events: [] };
    default:
      return { message: undefined, events: [waits] };
  }
}
