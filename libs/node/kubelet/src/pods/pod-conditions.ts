import { timeText } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Pod } from '../stages/next-stage';

export interface PodFacts {
  /** Sandbox and network are there. */
  readonly hasSandbox: boolean;
  readonly isInitialized: boolean;
  readonly unreadyContainers: readonly string[];
  /** Set once nothing runs any more. */
  readonly terminal?: 'PodCompleted' | 'PodFailed';
}

/**
 * The conditions that a kubelet owns, in its order (pkg/kubelet/status/generate.go), then PodScheduled as it was. Whose status
 * does not change keeps its time.
 */
export function podConditions(pod: Pod, facts: PodFacts, nowMs: number): corev1.PodCondition[] {
  const before = pod.status?.conditions ?? [];
  const notReady =
    facts.terminal !== undefined
      ? { reason: facts.terminal }
      : { reason: 'ContainersNotReady', message: `containers with unready status: [${facts.unreadyContainers.join(' ')}]` };
  const areContainersReady = facts.terminal === undefined && facts.unreadyContainers.length === 0;
  const gates = pod.spec?.readinessGates ?? [];
  const openGates = gates.filter((g) => !before.some((c) => c.type === g.conditionType && c.status === 'True'));
  const isReady = areContainersReady && openGates.length === 0;

  const rows: readonly { type: string; isTrue: boolean; why?: { reason: string; message?: string } }[] = [
    { type: 'PodReadyToStartContainers', isTrue: facts.hasSandbox },
    {
      type: 'Initialized',
      isTrue: facts.isInitialized,
      ...(facts.terminal === 'PodCompleted' ? { why: { reason: 'PodCompleted' } } : {}),
    },
    {
      type: 'Ready',
      isTrue: isReady,
      ...(isReady
        ? {}
        : {
            why: areContainersReady
              ? {
                  reason: 'ReadinessGatesNotReady',
                  message: openGates.map((g) => `corresponding condition of pod readiness gate "${g.conditionType}" does not exist.`).join(', '),
                }
              : notReady,
          }),
    },
    { type: 'ContainersReady', isTrue: areContainersReady, ...(areContainersReady ? {} : { why: notReady }) },
  ];
  const owned = rows.map(({ type, isTrue, why }): corev1.PodCondition => {
    const status = isTrue ? 'True' : 'False';
    const old = before.find((c) => c.type === type && c.status === status);
    return {
      type,
      status,
      observedGeneration: pod.metadata.generation ?? 1,
      lastProbeTime: null as unknown as string,
      lastTransitionTime: old?.lastTransitionTime ?? timeText(nowMs),
      ...why,
    };
  });
  const scheduled = before.find((c) => c.type === 'PodScheduled');
  return scheduled === undefined ? owned : [...owned, scheduled];
}
