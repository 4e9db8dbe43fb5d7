import { timeText } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { createHash } from 'node:crypto';

/** An app, init or ephemeral container, as far as its status is concerned. */
export type Container = Pick<
  corev1.Container,
  'name' | 'image' | 'imagePullPolicy' | 'resources' | 'volumeMounts' | 'restartPolicy'
>;
export type ContainerStatus = corev1.ContainerStatus;

/** A stable stand-in for a digest: the same text gives the same id. */
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

/** `docker.io/library/nginx:latest` for `nginx`, as a container runtime reports it. */
export function fullImageName(image: string): string {
  const [first = '', ...rest] = image.split('/');
  const isHost = rest.length > 0 && (first.includes('.') || first.includes(':') || first === 'localhost');
  const path = isHost ? image : rest.length === 0 ? `docker.io/library/${image}` : `docker.io/${image}`;
  const last = path.slice(path.lastIndexOf('/') + 1);
  return last.includes(':') || last.includes('@') ? path : `${path}:latest`;
}

/** A repository and a digest; the digest of an image that is named by one is its own. */
function imageIdOf(image: string): string {
  const at = image.indexOf('@');
  return at === -1
    ? `${image.replace(/:[^/]*$/, '')}@sha256:${digest(image)}`
    : `${image.slice(0, at).replace(/:[^/]*$/, '')}${image.slice(at)}`;
}

/** Of a pulled image, in bytes: always the same, between 1 and 256 MiB. */
export const imageSize = (fullName: string): number =>
  (1 << 20) + (parseInt(digest(fullName).slice(0, 7), 16) % (255 << 20));

function base(container: Container, podUid: string, restartCount: number) {
  const image = fullImageName(container.image ?? '');
  return {
    name: container.name,
    image,
    imageID: imageIdOf(image),
    restartCount,
    containerID: `reckon://${digest(`${podUid}/${container.name}/${String(restartCount)}`)}`,
    ...resourcesOf(container),
    ...mountsOf(container),
  };
}

/** What the container got: all that it asked for. */
export function resourcesOf(container: Container): Pick<ContainerStatus, 'allocatedResources' | 'resources'> {
  const { requests, limits } = container.resources ?? {};
  return {
    ...(requests === undefined ? {} : { allocatedResources: requests }),
    resources: { ...(limits === undefined ? {} : { limits }), ...(requests === undefined ? {} : { requests }) },
  };
}

function mountsOf(container: Container): Pick<ContainerStatus, 'volumeMounts'> {
  const mounts = container.volumeMounts ?? [];
  if (mounts.length === 0) return {};
  return {
    volumeMounts: mounts.map(({ name, mountPath, readOnly, recursiveReadOnly }) => ({
      name,
      mountPath,
      ...(readOnly === true
        ? {
            readOnly,
            recursiveReadOnly: ['Enabled', 'IfPossible'].includes(recursiveReadOnly ?? '') ? 'Enabled' : 'Disabled',
          }
        : {}),
    })),
  };
}

/** Runs since `nowMs`. `before` gives the restart count and what ended. */
export function runningStatus(
  container: Container,
  podUid: string,
  options: {
    readonly nowMs: number;
    readonly isReady: boolean;
    readonly restartCount: number;
    readonly before?: ContainerStatus;
  },
): ContainerStatus {
  const ended = options.before?.state?.terminated ?? options.before?.lastState?.terminated;
  return {
    ...base(container, podUid, options.restartCount),
    state: { running: { startedAt: timeText(options.nowMs) } },
    lastState: ended === undefined ? {} : { terminated: ended },
    ready: options.isReady,
    started: true,
  };
}

/** Has never run, and waits for its image: the runtime knows nothing of it yet. */
export function waitingStatus(container: Container, reason: string, message?: string): ContainerStatus {
  return {
    name: container.name,
    image: container.image ?? '',
    imageID: '',
    restartCount: 0,
    ...mountsOf(container),
    state: { waiting: { reason, ...(message === undefined ? {} : { message }) } },
    lastState: {},
    ready: false,
    started: false,
  };
}

/** Ended at `nowMs` after having run since its start. */
export function terminatedStatus(before: ContainerStatus, nowMs: number, exitCode: number): ContainerStatus {
  return {
    ...before,
    state: {
      terminated: {
        exitCode,
        reason: exitCode === 0 ? 'Completed' : 'Error',
        startedAt: before.state?.running?.startedAt ?? timeText(nowMs),
        finishedAt: timeText(nowMs),
        containerID: before.containerID ?? '',
      },
    },
    ready: false,
    started: false,
  };
}

/** Ended before, waits to be restarted. */
export function backOffStatus(before: ContainerStatus, message: string): ContainerStatus {
  const ended = before.state?.terminated;
  return {
    ...before,
    state: { waiting: { reason: 'CrashLoopBackOff', message } },
    lastState: ended === undefined ? (before.lastState ?? {}) : { terminated: ended },
    ready: false,
    started: false,
  };
}

/** An init container that has run to its end, or a sidecar that goes on running. */
export function initStatus(container: Container, podUid: string, nowMs: number): ContainerStatus {
  const running = runningStatus(container, podUid, { nowMs, isReady: true, restartCount: 0 });
  if (container.restartPolicy === 'Always') return running;
  return { ...terminatedStatus(running, nowMs, 0), ready: true, started: false };
}
