import { fieldPath, semanticEqual, timeText, validateDns1123Label } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { DeleteOptions, RequestContext, Strategy } from '@reckon/registry/generic';
import { keepGeneration } from '../../../generation';
import { ipWarnings } from '../../../networking/v1/ip-format';
import { keepSpec, keepStatus } from '../../../status-keeping';
import { setPodDefaults } from './pod.defaults';
import { podWarnings } from './pod.warnings';
import { applyAppArmorAnnotations, mergeLabelKeys } from './prepare-pod';
import { qosClassOf } from './qos-class';
import { validatePodCreate } from './validation/pod';
import { validatePodUpdate } from './validation/update';
import { validatePodStatusUpdate } from './validation/status-update';

export const podStrategy: Strategy<corev1.Pod> = {
  returnsDeletedObject: true,
  defaults: setPodDefaults,
  prepareForCreate: (ctx, pod) => {
    const spec = (pod.spec ??= { containers: [] });
    pod.metadata.generation = 1;
    pod.status = { phase: 'Pending', qosClass: qosClassOf(spec) };
    if ((spec.schedulingGates ?? []).length > 0) pod.status.conditions = [gatedCondition(ctx)];
    mergeLabelKeys(pod);
    applyAppArmorAnnotations(ctx, pod);
  },
  validate: (_ctx, pod) => validatePodCreate(pod),
  warningsOnCreate: (_ctx, pod) => [...hostnameWarnings(pod), ...podWarnings(pod)],
  prepareForUpdate: (_ctx, pod, old) => {
    keepStatus(pod, old);
    countPodChange(pod, old);
  },
  validateUpdate: (_ctx, pod, old) => validatePodUpdate(pod, old),
  checkGracefulDelete: (_ctx, pod, options) => {
    options.gracePeriodSeconds = gracePeriodOf(pod, options);
    return true;
  },
};

/** Pods count every change of their spec (PodObservedGenerationTracking). */
export function countPodChange(pod: corev1.Pod, old: corev1.Pod): void {
  if (semanticEqual(pod.spec, old.spec)) keepGeneration(pod, old);
  else pod.metadata.generation = (old.metadata.generation ?? 0) + 1;
}

/**
 * Seconds that a pod gets to stop: what the request says, else what the pod says. Where nothing runs (not yet bound, or
 * already ended) there is nothing to wait for; a negative number means the shortest wait that there is.
 */
export function gracePeriodOf(pod: corev1.Pod, options: Pick<DeleteOptions, 'gracePeriodSeconds'>): number {
  const { phase } = pod.status ?? {};
  if (!pod.spec?.nodeName || phase === 'Failed' || phase === 'Succeeded') return 0;
  const seconds = options.gracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 0;
  return seconds < 0 ? 1 : seconds;
}

function gatedCondition(ctx: RequestContext): corev1.PodCondition {
  return {
    type: 'PodScheduled',
    status: 'False',
    lastTransitionTime: timeText(ctx.nowMs),
    reason: 'SchedulingGated',
    message: 'Scheduling is blocked due to non-empty scheduling gates',
  };
}

function hostnameWarnings({ metadata }: corev1.Pod): string[] {
  const messages = validateDns1123Label(metadata.name ?? '');
  if (messages.length === 0) return [];
  return [
    `metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [${messages.join(' ')}]`,
  ];
}

export const podStatusStrategy: Strategy<corev1.Pod> = {
  resetFields: [['spec'], ['metadata', 'deletionTimestamp'], ['metadata', 'ownerReferences']],
  defaults: (pod) => {
    setPodDefaults(pod);
    if (pod.status) linkPodIps(pod.status);
  },
  prepareForUpdate: (_ctx, pod, old) => {
    keepSpec(pod, old);
    keepGeneration(pod, old);
    if (old.metadata.ownerReferences === undefined) delete pod.metadata.ownerReferences;
    else pod.metadata.ownerReferences = old.metadata.ownerReferences;
    const status = (pod.status ??= {});
    if (!status.qosClass && old.status?.qosClass) status.qosClass = old.status.qosClass;
    keepObservedGenerations(status, old.status ?? {});
    forgetGatedStatus(status, old.status ?? {});
  },
  validateUpdate: (_ctx, pod, old) => validatePodStatusUpdate(pod, old),
  warningsOnUpdate: (_ctx, { status }) => [
    ...addressWarnings('podIPs', status?.podIPs),
    ...addressWarnings('hostIPs', status?.hostIPs),
  ],
};

function addressWarnings(field: string, addresses: readonly { readonly ip: string }[] | undefined): string[] {
  const path = fieldPath('status', field);
  return (addresses ?? []).flatMap(({ ip }, index) => ipWarnings(path.index(index).child('ip'), ip));
}

/** `podIP` is the older name of `podIPs[0]`; where they disagree, the older one is meant (conversion of v1.PodStatus). */
function linkPodIps(status: corev1.PodStatus): void {
  if (status.podIP && status.podIP !== status.podIPs?.[0]?.ip) status.podIPs = [{ ip: status.podIP }];
  const first = status.podIPs?.[0]?.ip;
  if (first !== undefined) status.podIP = first;
}

const containerLists = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const;

/** Behind gates that are off (DRANodeAllocatableResources, ImageVolumeWithDigest): only what the pod has already stays. */
function forgetGatedStatus(status: corev1.PodStatus, old: corev1.PodStatus): void {
  if (!old.nodeAllocatableResourceClaimStatuses?.length) delete status.nodeAllocatableResourceClaimStatuses;
  if (hasVolumeStatus(old)) return;
  for (const list of containerLists)
    for (const { volumeMounts } of status[list] ?? [])
      for (const mount of volumeMounts ?? []) delete mount.volumeStatus;
}

function hasVolumeStatus(status: corev1.PodStatus): boolean {
  return containerLists.some((list) =>
    status[list]?.some(({ volumeMounts }) => volumeMounts?.some(({ volumeStatus }) => volumeStatus != null)),
  );
}

/** A writer that knows nothing of generations must not take them away (preserveOldObservedGeneration). */
function keepObservedGenerations(status: corev1.PodStatus, old: corev1.PodStatus): void {
  if (!status.observedGeneration && old.observedGeneration) status.observedGeneration = old.observedGeneration;
  const byType = new Map<string, number[]>();
  for (const { type, observedGeneration = 0 } of old.conditions ?? []) {
    const list = byType.get(type);
    if (list === undefined) byType.set(type, [observedGeneration]);
    else list.push(observedGeneration);
  }
  for (const condition of status.conditions ?? []) {
    const before = byType.get(condition.type)?.shift() ?? 0;
    if (!condition.observedGeneration && before !== 0) condition.observedGeneration = before;
  }
}
