import type { corev1 } from '@reckon/api/types';

/** What one look at a pod's containers gives: READY, STATUS and RESTARTS of a table. */
export interface PodSummary {
  readonly ready: number;
  readonly total: number;
  readonly status: string;
  readonly restarts: number;
  /** When the newest restart's predecessor ended; undefined when unknown. */
  readonly lastRestart: string | undefined;
}

interface Tally {
  restarts: number;
  lastRestart: string | undefined;
}

const emptyTally = (): Tally => ({ restarts: 0, lastRestart: undefined });

/** Upstream's `printPod` (pkg/printers/internalversion). */
export function summarizePod(pod: corev1.Pod): PodSummary {
  const status = pod.status ?? {};
  const initContainers = pod.spec?.initContainers ?? [];
  const sidecars = new Set(initContainers.filter((c) => c.restartPolicy === 'Always').map((c) => c.name));
  const total = (pod.spec?.containers.length ?? 0) + sidecars.size;
  const conditions = status.conditions ?? [];
  const isGated = conditions.some((c) => c.type === 'PodScheduled' && c.reason === 'SchedulingGated');
  let text = isGated
    ? 'SchedulingGated'
    : status.reason !== undefined && status.reason !== ''
      ? status.reason
      : (status.phase ?? '');

  const init = summarizeInit(status.initContainerStatuses ?? [], sidecars, initContainers.length);
  text = init.status ?? text;
  let { ready } = init;
  let tally = init.all;
  if (init.status === undefined || isTrue(conditions, 'Initialized')) {
    const main = summarizeMain(status.containerStatuses ?? [], init.sidecars);
    tally = main.tally;
    ready += main.ready;
    text = main.status ?? text;
    // Something still runs beside what has completed.
    if (text === 'Completed' && main.isRunning) text = isTrue(conditions, 'Ready') ? 'Running' : 'NotReady';
  }

  if (pod.metadata.deletionTimestamp !== undefined) {
    if (status.reason === 'NodeLost') text = 'Unknown';
    else if (status.phase !== 'Succeeded' && status.phase !== 'Failed') text = 'Terminating';
  }
  return { ready, total, status: text, restarts: tally.restarts, lastRestart: tally.lastRestart };
}

/** Up to the first init container that is neither done nor a running sidecar; `status` is undefined when there is none. */
function summarizeInit(
  statuses: readonly corev1.ContainerStatus[],
  sidecars: ReadonlySet<string>,
  count: number,
): { status: string | undefined; ready: number; all: Tally; sidecars: Tally } {
  const all = emptyTally();
  const ofSidecars = emptyTally();
  let ready = 0;
  for (const [i, container] of statuses.entries()) {
    addRestarts(all, container);
    const isSidecar = sidecars.has(container.name);
    if (isSidecar) addRestarts(ofSidecars, container);
    const { terminated, waiting } = container.state ?? {};
    if (terminated?.exitCode === 0) continue;
    if (isSidecar && container.started === true) {
      if (container.ready) ready++;
      continue;
    }
    const reason = waiting?.reason ?? '';
    const status =
      terminated !== undefined
        ? `Init:${endOf(terminated)}`
        : reason !== '' && reason !== 'PodInitializing'
          ? `Init:${reason}`
          : `Init:${String(i)}/${String(count)}`;
    return { status, ready, all, sidecars: ofSidecars };
  }
  return { status: undefined, ready, all, sidecars: ofSidecars };
}

/** From the last to the first, so that the first container's reason is the one shown. */
function summarizeMain(
  statuses: readonly corev1.ContainerStatus[],
  sidecars: Tally,
): { status: string | undefined; ready: number; isRunning: boolean; tally: Tally } {
  const tally = { ...sidecars };
  let status: string | undefined;
  let ready = 0;
  for (const container of [...statuses].reverse()) {
    addRestarts(tally, container);
    const { waiting, terminated, running } = container.state ?? {};
    if (waiting?.reason !== undefined && waiting.reason !== '') status = waiting.reason;
    else if (terminated !== undefined) status = endOf(terminated);
    else if (container.ready && running !== undefined) ready++;
  }
  return { status, ready, isRunning: ready > 0, tally };
}

function endOf(terminated: corev1.ContainerStateTerminated): string {
  if (terminated.reason !== undefined && terminated.reason !== '') return terminated.reason;
  return terminated.signal !== undefined && terminated.signal !== 0
    ? `Signal:${String(terminated.signal)}`
    : `ExitCode:${String(terminated.exitCode)}`;
}

function addRestarts(tally: Tally, container: corev1.ContainerStatus): void {
  tally.restarts += container.restartCount;
  const finished = container.lastState?.terminated?.finishedAt ?? undefined;
  if (finished === undefined) return;
  if (tally.lastRestart === undefined || Date.parse(finished) > Date.parse(tally.lastRestart))
    tally.lastRestart = finished;
}

const isTrue = (conditions: readonly corev1.PodCondition[], type: string): boolean =>
  conditions.some((c) => c.type === type && c.status === 'True');
