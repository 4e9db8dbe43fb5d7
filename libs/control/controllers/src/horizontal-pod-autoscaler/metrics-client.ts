import type { LabelSelector } from '@reckon/api/machinery';
import type { autoscalingv2 } from '@reckon/api/types';

/** What one pod measured, in thousandths. */
export interface PodMetric {
  readonly value: number;
  /** When, and over which time before. */
  readonly atMs: number;
  readonly windowMs: number;
}

/** By name of the pod. */
export type PodMetrics = Map<string, PodMetric>;

/**
 * Where an autoscaler's numbers come from (pkg/controller/podautoscaler/metrics.MetricsClient). Values are in thousandths. Each throws an
 * Error whose message a user reads in the conditions.
 */
export interface MetricsClient {
  /** metrics.k8s.io: of whole pods, or of one container in each. */
  resource(resource: string, namespace: string, selector: LabelSelector, container?: string): Promise<PodMetrics>;
  /** custom.metrics.k8s.io, of pods. */
  pods(metric: string, namespace: string, selector: LabelSelector, metricSelector: LabelSelector): Promise<PodMetrics>;
  /** custom.metrics.k8s.io, of one object. */
  object(
    metric: string,
    namespace: string,
    described: autoscalingv2.CrossVersionObjectReference,
    metricSelector: LabelSelector,
  ): Promise<number>;
  /** external.metrics.k8s.io. */
  external(metric: string, namespace: string, metricSelector: LabelSelector): Promise<number[]>;
}
