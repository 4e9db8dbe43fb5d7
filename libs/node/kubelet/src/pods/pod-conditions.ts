import { timeText } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Pod } from '../stages/next-stage';

/** What of a pod's next status its conditions follow from. */
export type ConditionFacts = Pick<corev1.PodStatus, 'phase' | 'containerStatuses' | 'initContainerStatuses'> & {
  /** Whether a pod that has not ended has its sandbox and network; absent: it has. */
  readonly hasSandbox?: boolean;
};

interface Row {
  readonly type: string;
  readonly isTrue: boolean;
  readonly reason?: string;
  readonly message?: string;
}

/** Conditions that a kubelet writes anew each time; all others on the pod belong to somebody else. */
const owned = new Set([
  'PodReadyToStartContainers',
  'Initialized',
  'Ready',
  'ContainersReady',
  'PodScheduled',
  'PodResizePending',
  'PodResizeInProgress',
]);

/**
 * Others' conditions as they are, then the kubelet's in its order (pkg/kubelet/kubelet_pods.go `generateAPIPodStatus`). One whose
 * status does not change keeps its time.
 */
export function podConditions(pod: Pod, facts: ConditionFacts, nowMs: number): corev1.PodCondition[] {
  const before = pod.status?.conditions ?? [];
  const others = before.filter((c) => !owned.has(c.type));
  const containersReady = containersReadyRow(pod, facts);
  const rows: readonly Row[] = [
    { type: 'PodReadyToStartContainers', isTrue: facts.hasSandbox !== false && !isTerminal(facts) },
    initializedRow(pod, facts),
    readyRow(pod, others, containersReady),
    containersReady,
    { type: 'PodScheduled', isTrue: true },
  ];
  return [
    ...others,
    ...rows.map(({ type, isTrue, reason, message }): corev1.PodCondition => {
      const status = isTrue ? 'True' : 'False';
      const old = before.find((c) => c.type === type && c.status === status);
      return {
        type,
        status,
        observedGeneration: pod.metadata.generation ?? 1,
        // Shown as null by every server; the generated type knows only text.
        lastProbeTime: null as unknown as string,
        lastTransitionTime: old?.lastTransitionTime ?? timeText(nowMs),
        ...(reason === undefined ? {} : { reason }),
        ...(message === undefined ? {} : { message }),
      };
    }),
  ];
}

const isTerminal = ({ phase }: ConditionFacts): boolean => phase === 'Succeeded' || phase === 'Failed';

/** pkg/kubelet/status/generate.go `GeneratePodInitializedCondition`. */
function initializedRow(pod: Pod, facts: ConditionFacts): Row {
  const type = 'Initialized';
  if (facts.phase === 'Succeeded') return { type, isTrue: true, reason: 'PodCompleted' };
  const statuses = facts.initContainerStatuses ?? [];
  const inits = pod.spec?.initContainers ?? [];
  const incomplete = inits.filter(({ name, restartPolicy }) => {
    const status = statuses.find((s) => s.name === name);
    return restartPolicy === 'Always' ? status?.started !== true : status?.ready !== true;
  });
  const hasStarted = (facts.containerStatuses ?? []).some((s) => s.containerID !== undefined);
  if (hasStarted || incomplete.length === 0) return { type, isTrue: true };
  return {
    type,
    isTrue: false,
    reason: 'ContainersNotInitialized',
    message: `containers with incomplete status: [${incomplete.map((c) => c.name).join(' ')}]`,
  };
}

/** pkg/kubelet/status/generate.go `GenerateContainersReadyCondition`: app containers and sidecars. */
function containersReadyRow(pod: Pod, facts: ConditionFacts): Row {
  const type = 'ContainersReady';
  if (facts.phase === 'Succeeded') return { type, isTrue: false, reason: 'PodCompleted' };
  if (facts.phase === 'Failed') return { type, isTrue: false, reason: 'PodFailed' };
  const statuses = [...(facts.initContainerStatuses ?? []), ...(facts.containerStatuses ?? [])];
  const sidecars = (pod.spec?.initContainers ?? []).filter((c) => c.restartPolicy === 'Always');
  const names = [...sidecars, ...(pod.spec?.containers ?? [])].map((c) => c.name);
  const unknown = names.filter((name) => !statuses.some((s) => s.name === name));
  const unready = names.filter((name) => statuses.some((s) => s.name === name && !s.ready));
  const messages = [
    ...(unknown.length === 0 ? [] : [`containers with unknown status: [${unknown.join(' ')}]`]),
    ...(unready.length === 0 ? [] : [`containers with unready status: [${unready.join(' ')}]`]),
  ];
  if (messages.length === 0) return { type, isTrue: true };
  return { type, isTrue: false, reason: 'ContainersNotReady', message: messages.join(', ') };
}

/** pkg/kubelet/status/generate.go `GeneratePodReadyCondition`: as the containers, then the gates. */
function readyRow(pod: Pod, others: readonly corev1.PodCondition[], containersReady: Row): Row {
  const type = 'Ready';
  if (!containersReady.isTrue) return { ...containersReady, type };
  const messages = (pod.spec?.readinessGates ?? []).flatMap(({ conditionType }) => {
    const gate = others.find((c) => c.type === conditionType);
    if (gate === undefined) return [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`];
    return gate.status === 'True'
      ? []
      : [`the status of pod readiness gate "${conditionType}" is not "True", but ${gate.status}`];
  });
  if (messages.length === 0) return { type, isTrue: true };
  return { type, isTrue: false, reason: 'ReadinessGatesNotReady', message: messages.join(', ') };
}
