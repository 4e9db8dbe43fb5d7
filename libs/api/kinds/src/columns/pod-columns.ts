import type { corev1 } from '@reckon/api/types';
import { ageColumn, type Column, type KindTable, nameColumn, since } from './column';
import { type PodSummary, summarizePod } from './pod-status';

/** Three columns come from one summary: it is made once per row. */
interface SummarizedPod {
  readonly metadata: corev1.Pod['metadata'];
  readonly pod: corev1.Pod;
  readonly summary: PodSummary;
}

const orNone = (text: string | undefined): string => (text === undefined || text === '' ? '<none>' : text);

const list: readonly Column<SummarizedPod>[] = [
  nameColumn,
  {
    name: 'Ready',
    description: 'The aggregate readiness state of this pod for accepting traffic.',
    cell: ({ summary }) => `${String(summary.ready)}/${String(summary.total)}`,
  },
  {
    name: 'Status',
    description: 'The aggregate status of the containers in this pod.',
    cell: ({ summary }) => summary.status,
  },
  {
    name: 'Restarts',
    description:
      'The number of times the containers in this pod have been restarted and when the last container in this pod has restarted.',
    cell: ({ summary: { restarts, lastRestart } }, context) => {
      return restarts === 0 || lastRestart === undefined
        ? String(restarts)
        : `${String(restarts)} (${since(lastRestart, context)} ago)`;
    },
  },
  ageColumn,
  {
    name: 'IP',
    priority: 1,
    description: ['core/v1.PodStatus', 'podIP'],
    cell: ({ pod }) => orNone(pod.status?.podIPs?.[0]?.ip),
  },
  {
    name: 'Node',
    priority: 1,
    description: ['core/v1.PodSpec', 'nodeName'],
    cell: ({ pod }) => orNone(pod.spec?.nodeName),
  },
  {
    name: 'Nominated Node',
    priority: 1,
    description: ['core/v1.PodStatus', 'nominatedNodeName'],
    cell: ({ pod }) => orNone(pod.status?.nominatedNodeName),
  },
  {
    name: 'Readiness Gates',
    priority: 1,
    description: ['core/v1.PodSpec', 'readinessGates'],
    cell: ({ pod }) => {
      const gates = pod.spec?.readinessGates ?? [];
      if (gates.length === 0) return '<none>';
      const open = gates.filter(
        (gate) => pod.status?.conditions?.find((c) => c.type === gate.conditionType)?.status === 'True',
      );
      return `${String(open.length)}/${String(gates.length)}`;
    },
  },
];

export const podColumns: KindTable = {
  columns: list,
  prepare: (object): SummarizedPod => {
    const pod = object as corev1.Pod;
    return { metadata: pod.metadata, pod, summary: summarizePod(pod) };
  },
};
