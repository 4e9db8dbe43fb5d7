import { type KubeObject, parseQuantity, parseTime, quantitySign } from '@reckon/api/machinery';
import type { Quantity } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Amounts } from './amounts';
import { type Evaluator, type ScopeSelector, countName, one } from './evaluator';
import { podLimits, podRequests } from './pod-resources';
import { missingCompute } from './missing-compute';
import { matchesNames } from './scope-match';

type Pod = corev1.Pod & KubeObject;

const kind = { group: '', resource: 'pods' } as const;
const countedAs = countName(kind);

const compute = ['cpu', 'memory', 'ephemeral-storage'] as const;
const names: ReadonlySet<string> = new Set([
  countedAs,
  'pods',
  ...compute.flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
]);
const implicitDevices = 'deviceclass.resource.kubernetes.io/';

/** Pods, and what they ask for of nodes (pkg/quota/v1/evaluator/core). */
export const podEvaluator: Evaluator = {
  ...kind,
  measures: (name) =>
    names.has(name) ||
    name.startsWith('hugepages-') ||
    name.startsWith('requests.hugepages-') ||
    (name.startsWith('requests.') && isExtended(name.slice('requests.'.length))),
  isInScope: (object, scope) => isInScope(object, scope),
  charges: ({ operation, subresource }) => subresource === (operation === 'CREATE' ? '' : 'resize'),
  missing: (object, names) => missingCompute(object, names),
  usage: (object, nowMs) => usage(object, nowMs),
};

/** Neither native nor of the domain of native ones. Such are counted by what is requested, since they cannot be overcommitted. */
const isExtended = (name: string): boolean =>
  name.includes('/') && (!name.includes('kubernetes.io/') || name.startsWith(implicitDevices));

/** Whether it takes anything of a node: it has not ended, and its deletion is not overdue (`QuotaV1Pod`). */
function holdsResources({ metadata, status }: Pod, nowMs: number): boolean {
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return false;
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata;
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds == null) return true;
  return nowMs <= parseTime(deletionTimestamp) + deletionGracePeriodSeconds * 1000;
}

function usage(pod: Pod, nowMs: number): Amounts {
  const used = new Map<string, Quantity>([[countedAs, one]]);
  if (!holdsResources(pod, nowMs)) return used;
  used.set('pods', one);
  for (const [name, request] of podRequests(pod)) {
    if ((compute as readonly string[]).includes(name) || name.startsWith('hugepages-')) {
      used.set(name, request);
      used.set(`requests.${name}`, request);
    } else if (isExtended(name)) used.set(`requests.${name}`, request);
  }
  for (const [name, limit] of podLimits(pod))
    if ((compute as readonly string[]).includes(name)) used.set(`limits.${name}`, limit);
  return used;
}

function isInScope(pod: Pod, scope: ScopeSelector): boolean {
  switch (scope.scopeName) {
    case 'Terminating':
      return isTerminating(pod);
    case 'NotTerminating':
      return !isTerminating(pod);
    case 'BestEffort':
      return isBestEffort(pod);
    case 'NotBestEffort':
      return !isBestEffort(pod);
    case 'PriorityClass': {
      const { priorityClassName = '' } = pod.spec ?? {};
      return matchesNames(scope, priorityClassName === '' ? [] : [priorityClassName]);
    }
    case 'CrossNamespacePodAffinity':
      return hasCrossNamespaceAffinity(pod);
    default:
      return false;
  }
}

/** Meant to end by itself, not on its way out. */
const isTerminating = ({ spec }: Pod): boolean => (spec?.activeDeadlineSeconds ?? -1) >= 0;

function isBestEffort({ spec, status }: Pod): boolean {
  if ((status?.qosClass ?? '') !== '') return status?.qosClass === 'BestEffort';
  if (spec === undefined) return true;
  const all = [spec.resources, ...[...spec.containers, ...(spec.initContainers ?? [])].map((c) => c.resources)];
  return !all.some((resources) => asksForCompute(resources?.requests) || asksForCompute(resources?.limits));
}

const asksForCompute = (texts: Readonly<Record<string, string>> | undefined): boolean =>
  ['cpu', 'memory'].some((name) => {
    const text = texts?.[name];
    return text !== undefined && quantitySign(parseQuantity(text)) > 0;
  });

function hasCrossNamespaceAffinity({ spec }: Pod): boolean {
  const { podAffinity, podAntiAffinity } = spec?.affinity ?? {};
  return [podAffinity, podAntiAffinity].some((affinity) =>
    [
      ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
      ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((w) => w.podAffinityTerm),
    ].some((term) => (term.namespaces ?? []).length > 0 || term.namespaceSelector != null),
  );
}
