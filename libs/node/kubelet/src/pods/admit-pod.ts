import { timeText } from '@reckon/api/machinery';
import { defaultDeclaredFeatures, featuresToRun, undeclaredFeatures } from '@reckon/api/node-declared-features';
import { requiredNodeMatches } from '@reckon/control/runtime';
import type { Pod } from '../stages/next-stage';
import { containersOf } from '../stages/next-stage';
import type { NodeRoom, Rejection } from './node-room';
import type { StageOutcome } from './pod-status';

/** Placed here, and nobody has looked at it yet. */
export const awaitsAdmission = (pod: Pod): boolean =>
  (pod.status?.phase ?? 'Pending') === 'Pending' &&
  pod.status?.startTime === undefined &&
  pod.metadata.deletionTimestamp === undefined &&
  containersOf(pod) === 'none';

export interface NodeLabels {
  readonly name: string;
  /** As its kubelet made the node. */
  readonly registered: Readonly<Record<string, string>>;
  /** As they are now; asked only where those that it was made with do not do. */
  readonly current: () => Promise<Readonly<Record<string, string>>>;
}

/**
 * Whether the node takes a pod up: it must be for its operating system, there must be room for it and its host ports, and what it asks
 * of the node's labels and its declared features must hold (pkg/kubelet/lifecycle `predicateAdmitHandler.Admit`,
 * `declaredFeaturesAdmitHandler.Admit`). Taken up, it counts in `room`. A resource that is short is told before ports, labels between
 * them, and features last, as upstream does.
 */
export async function admitPod(pod: Pod, room: NodeRoom, labels: NodeLabels): Promise<Rejection | undefined> {
  const wrongSystem = systemTrouble(pod);
  if (wrongSystem !== undefined) return wrongSystem;
  const short = room.shortOf(pod);
  const hasPorts = room.hasPortsFor(pod);
  if (short !== undefined) return short;
  // Before anything is waited for: of two pods for one place only the first may have it.
  if (hasPorts) room.take(pod);
  if (!(await labelsMatch(pod, labels))) {
    room.release(pod.metadata.uid ?? '');
    return predicate('NodeAffinity', "node(s) didn't match Pod's node affinity/selector");
  }
  if (!hasPorts) return predicate('NodePorts', "node(s) didn't have free ports for the requested pod ports");
  const missing = undeclaredFeatures(featuresToRun(pod.spec), defaultDeclaredFeatures);
  if (missing.length === 0) return undefined;
  room.release(pod.metadata.uid ?? '');
  return {
    reason: 'PodFeatureUnsupported',
    message: `Pod requires node features that are not available: ${missing.join(', ')}`,
  };
}

const predicate = (reason: string, why: string): Rejection => ({
  reason,
  message: `Predicate ${reason} failed: ${why}`,
});

function systemTrouble(pod: Pod): Rejection | undefined {
  const asked = pod.metadata.labels?.['kubernetes.io/os'];
  if (asked !== undefined && asked !== 'linux')
    return {
      reason: 'PodOSSelectorNodeLabelDoesNotMatch',
      message: "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label",
    };
  if ((pod.spec?.os?.name ?? 'linux') !== 'linux')
    return { reason: 'PodOSNotSupported', message: "Failed to admit pod as the OS field doesn't match node OS" };
  return undefined;
}

async function labelsMatch(pod: Pod, { name, registered, current }: NodeLabels): Promise<boolean> {
  if (requiredNodeMatches(pod.spec, name, registered)) return true;
  return requiredNodeMatches(pod.spec, name, await current());
}

/** The pod has failed before it began (pkg/kubelet `rejectPod`). */
export const rejectPod = (pod: Pod, { reason, message }: Rejection, nowMs: number): StageOutcome => ({
  status: {
    ...pod.status,
    observedGeneration: pod.metadata.generation ?? 1,
    phase: 'Failed',
    reason,
    message: `Pod was rejected: ${message}`,
    startTime: timeText(nowMs),
  },
  events: [{ type: 'Warning', reason, message }],
  isDeleted: false,
});
