import {
  type KubeObject,
  milliQuantityOf,
  parseQuantity,
  quantityMilliValue,
  quantityText,
} from '@reckon/api/machinery';
import type { autoscalingv2 } from '@reckon/api/types';
import type { ResourceRef } from '@reckon/client/rest';

export type Autoscaler = autoscalingv2.HorizontalPodAutoscaler & KubeObject;
export type AutoscalerStatus = autoscalingv2.HorizontalPodAutoscalerStatus;

export const autoscalers: ResourceRef = {
  group: 'autoscaling',
  version: 'v2',
  resource: 'horizontalpodautoscalers',
  kind: 'HorizontalPodAutoscaler',
  namespaced: true,
};

export interface AutoscalerOptions {
  /** How often each autoscaler is looked at. */
  readonly syncPeriodMs: number;
  /** Before it scales down, what was wanted in this time counts too, where the autoscaler has no `behavior`. */
  readonly downscaleStabilizationMs: number;
  /** Deviations from the target up to this part of it change nothing. */
  readonly tolerance: number;
  /** A pod so young whose CPU was not measured since it is ready does not count yet. */
  readonly cpuInitializationMs: number;
  /** A pod that was never ready later than this after its start has not been ready at all. */
  readonly initialReadinessDelayMs: number;
  readonly workers: number;
}

/** Upstream's `--horizontal-pod-autoscaler-*`. */
export const autoscalerDefaults: AutoscalerOptions = {
  syncPeriodMs: 15_000,
  downscaleStabilizationMs: 300_000,
  tolerance: 0.1,
  cpuInitializationMs: 300_000,
  initialReadinessDelayMs: 30_000,
  workers: 5,
};

/** Thousandths of a quantity, as all sums are made in. */
export const milliOf = (text: string): number => Number(quantityMilliValue(parseQuantity(text)));
export const milliText = (milli: number): string => quantityText(milliQuantityOf(BigInt(Math.trunc(milli))));
