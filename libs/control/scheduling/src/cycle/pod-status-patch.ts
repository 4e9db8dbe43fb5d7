import { findCondition, reasonOf, timeText } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { type RestClient, refs } from '@reckon/client/rest';
import type { Clock, Logger } from '@reckon/kernel';
import type { Pod } from '../framework/kinds';

export interface PodStatusChange {
  readonly condition?: {
    readonly type: string;
    readonly status: 'True' | 'False';
    readonly reason: string;
    readonly message: string;
  };
  /** '' clears it. */
  readonly nominatedNodeName?: string;
}

/** What of `change` is new to the pod, as a strategic merge patch (pkg/scheduler/util.PatchPodStatus); undefined when nothing is. */
export function podStatusPatch(
  pod: Pod,
  change: PodStatusChange,
  nowText: string,
): Record<string, unknown> | undefined {
  const status: Record<string, unknown> = {};
  if (change.nominatedNodeName !== undefined && change.nominatedNodeName !== (pod.status?.nominatedNodeName ?? ''))
    status['nominatedNodeName'] = change.nominatedNodeName === '' ? null : change.nominatedNodeName;
  if (change.condition !== undefined) {
    const before: corev1.PodCondition | undefined = findCondition(pod.status?.conditions, change.condition.type);
    const { type, status: value, reason, message } = change.condition;
    const observedGeneration = pod.metadata.generation ?? 0;
    const isSame =
      before?.status === value &&
      before.reason === reason &&
      before.message === message &&
      (before.observedGeneration ?? 0) === observedGeneration;
    if (!isSame)
      status['conditions'] = [
        {
          type,
          status: value,
          reason,
          message,
          lastProbeTime: null,
          lastTransitionTime: before?.status === value ? (before.lastTransitionTime ?? nowText) : nowText,
          ...(observedGeneration === 0 ? {} : { observedGeneration }),
        },
      ];
  }
  if (Object.keys(status).length === 0) return undefined;
  return { ...(pod.metadata.uid === undefined ? {} : { metadata: { uid: pod.metadata.uid } }), status };
}

/** Writes what is new. A pod that is gone, or was replaced by another of its name, needs no status of ours. */
export class PodStatusPatcher {
  private readonly pods;

  constructor(private readonly deps: { readonly rest: RestClient; readonly clock: Clock; readonly logger: Logger }) {
    this.pods = deps.rest.resource<Pod>(refs.pods);
  }

  /** Rejects when the apiserver cannot be reached or refuses. */
  async write(pod: Pod, change: PodStatusChange): Promise<void> {
    const body = podStatusPatch(pod, change, timeText(this.deps.clock.nowMs()));
    if (body === undefined) return;
    try {
      await this.pods.patch(pod.metadata.namespace ?? '', pod.metadata.name ?? '', {
        type: 'strategic',
        body,
        subresource: 'status',
      });
    } catch (error) {
      const reason = reasonOf(error);
      if (reason !== 'NotFound' && reason !== 'Conflict') throw error;
    }
  }

  /** For where nobody waits for it; a failure is logged. */
  async tryWrite(pod: Pod, change: PodStatusChange): Promise<void> {
    try {
      await this.write(pod, change);
    } catch (error) {
      this.deps.logger.warn('pod status not written', {
        pod: `${pod.metadata.namespace ?? ''}/${pod.metadata.name ?? ''}`,
        error: String(error),
      });
    }
  }
}
