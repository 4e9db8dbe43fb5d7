import type { KubeObject } from '@reckon/api/machinery';
import type { autoscalingv1, autoscalingv2 } from '@reckon/api/types';
import { autoscalerAsV2 } from '../autoscaling-conversion';
import { ageColumn, type Column, columns, type KindTable, nameColumn } from './column';

type Autoscaler = autoscalingv2.HorizontalPodAutoscaler;

const unknown = '<unknown>';
/** As Go prints a quantity that is missing where one should be. */
const nothing = '<nil>';
/** Of this many metrics at most the targets are shown. */
const shown = 2;

function targetsOf({ spec, status }: Autoscaler): string {
  const metrics = spec?.metrics ?? [];
  if (metrics.length === 0) return '<none>';
  const list = metrics.map((metric, i) => targetOf(metric, status?.currentMetrics?.[i]));
  const text = list.slice(0, shown).join(', ');
  return list.length > shown ? `${text} + ${String(list.length - shown)} more...` : text;
}

/** What a metric is now, and what it is to be. */
function targetOf(metric: autoscalingv2.MetricSpec, status: autoscalingv2.MetricStatus | undefined): string {
  switch (metric.type) {
    case 'External':
      return amountText(metric.external?.target, status?.external?.current);
    case 'Object':
      return amountText(metric.object?.target, status?.object?.current);
    case 'Pods':
      return `${quantityText(status?.pods?.current, 'averageValue')}/${metric.pods?.target.averageValue ?? nothing}`;
    case 'Resource':
      return `${metric.resource?.name ?? ''}: ${resourceText(metric.resource?.target, status?.resource?.current)}`;
    case 'ContainerResource':
      return `${metric.containerResource?.name ?? ''}: ${resourceText(metric.containerResource?.target, status?.containerResource?.current)}`;
    default:
      return '<unknown type>';
  }
}

function amountText(
  target: autoscalingv2.MetricTarget | undefined,
  current: autoscalingv2.MetricValueStatus | undefined,
): string {
  if (target?.averageValue === undefined) return `${quantityText(current, 'value')}/${target?.value ?? nothing}`;
  return `${current?.averageValue ?? unknown}/${target.averageValue} (avg)`;
}

function resourceText(
  target: autoscalingv2.MetricTarget | undefined,
  current: autoscalingv2.MetricValueStatus | undefined,
): string {
  if (target?.averageValue !== undefined) return `${quantityText(current, 'averageValue')}/${target.averageValue}`;
  const percent = (value: number | undefined, instead: string): string =>
    value === undefined ? instead : `${String(value)}%`;
  return `${percent(current?.averageUtilization, unknown)}/${percent(target?.averageUtilization, '<auto>')}`;
}

const quantityText = (current: autoscalingv2.MetricValueStatus | undefined, field: 'value' | 'averageValue'): string =>
  current === undefined ? unknown : (current[field] ?? nothing);

const list: readonly Column<Autoscaler>[] = [
  nameColumn,
  {
    name: 'Reference',
    description: ['autoscaling/v2.HorizontalPodAutoscalerSpec', 'scaleTargetRef'],
    cell: ({ spec }) => `${spec?.scaleTargetRef.kind ?? ''}/${spec?.scaleTargetRef.name ?? ''}`,
  },
  { name: 'Targets', description: ['autoscaling/v2.HorizontalPodAutoscalerSpec', 'metrics'], cell: targetsOf },
  {
    name: 'MinPods',
    description: ['autoscaling/v2.HorizontalPodAutoscalerSpec', 'minReplicas'],
    cell: ({ spec }) => (spec?.minReplicas === undefined ? '<unset>' : String(spec.minReplicas)),
  },
  {
    name: 'MaxPods',
    description: ['autoscaling/v2.HorizontalPodAutoscalerSpec', 'maxReplicas'],
    cell: ({ spec }) => spec?.maxReplicas ?? 0,
  },
  {
    name: 'Replicas',
    description: ['autoscaling/v2.HorizontalPodAutoscalerStatus', 'currentReplicas'],
    cell: ({ status }) => status?.currentReplicas ?? 0,
  },
  ageColumn,
];

/** Both versions show the same: upstream prints what it has inside. */
export const horizontalPodAutoscalerColumns: KindTable = {
  columns: list,
  prepare: (object: KubeObject): unknown => (object.apiVersion === 'autoscaling/v1' ? autoscalerAsV2(object) : object),
};

/** What `…/scale` of a workload answers; its name column is not marked as one. */
export const scaleColumns = columns<autoscalingv1.Scale>([
  { name: 'Name', description: ['meta/v1.ObjectMeta', 'name'], cell: ({ metadata }) => metadata.name ?? '' },
  {
    name: 'Desired',
    type: 'integer',
    description: ['autoscaling/v1.ScaleSpec', 'replicas'],
    cell: ({ spec }) => spec?.replicas ?? 0,
  },
  {
    name: 'Available',
    type: 'integer',
    description: ['autoscaling/v1.ScaleStatus', 'replicas'],
    cell: ({ status }) => status?.replicas ?? 0,
  },
  ageColumn,
]);
