import { type PodAffinity, podAffinityOf } from './affinity-terms';
import { type Pod, podKey } from '../framework/kinds';
import { claimNamesOf } from './claims-of-pod';
import { type HostPort, hostPortsOf } from './host-ports';
import { podRequests } from './pod-requests';
import type { Amounts } from './resource-amount';

/** A pod and what scheduling needs of it, worked out once per version of the pod. Never changed. */
export interface PodInfo {
  readonly pod: Pod;
  readonly uid: string;
  /** `namespace/name`. */
  readonly key: string;
  readonly priority: number;
  readonly requests: Amounts;
  /** CPU and memory with `assumedRequests` for containers that name none: for scores only. */
  readonly assumedMilliCpu: number;
  readonly assumedMemory: number;
  readonly hostPorts: readonly HostPort[];
  readonly affinity: PodAffinity | undefined;
  /** `namespace/name` of the claims that it names. */
  readonly claimKeys: readonly string[];
}

export function podInfoOf(pod: Pod): PodInfo {
  const assumed = podRequests(pod, { assumeMissing: true });
  return {
    pod,
    uid: pod.metadata.uid ?? podKey(pod),
    key: podKey(pod),
    priority: pod.spec?.priority ?? 0,
    requests: podRequests(pod, { assumeMissing: false }),
    assumedMilliCpu: assumed.milliCpu,
    assumedMemory: assumed.memory,
    hostPorts: hostPortsOf(pod),
    affinity: podAffinityOf(pod),
    claimKeys: claimNamesOf(pod).map((name) => `${pod.metadata.namespace ?? ''}/${name}`),
  };
}
