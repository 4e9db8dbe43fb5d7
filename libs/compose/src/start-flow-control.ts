import type { Clock, MetricsRegistry, Monotonic, Timers } from '@reckon/kernel';
import { mandatoryFlowSchemas, mandatoryPriorityLevels } from '@reckon/registry/kinds';
import { FlowControl } from '@reckon/serve/flow-control';
import { type ApiServerOptions, defaultLimits } from '@reckon/serve/http';
import type { Storage } from '@reckon/store/contract';

export interface FlowControlBasics {
  readonly storage: Pick<Storage, 'observe' | 'count' | 'newestOf'>;
  readonly serverSeats: number;
  readonly limits: ApiServerOptions['limits'] | undefined;
  readonly clock: Clock & Monotonic;
  readonly timers: Timers;
  readonly metrics: MetricsRegistry;
}

/** A request may wait in its queue for a quarter of its time, and for a minute at most. */
const waitLimitMs = (requestMs: number): number => Math.min(60_000, requestMs / 4);

/** Priority and fairness after the objects of the cluster. */
export function startFlowControl({ limits, ...parts }: FlowControlBasics): FlowControl {
  return new FlowControl({
    ...parts,
    monotonic: parts.clock,
    mandatory: { levels: mandatoryPriorityLevels.values(), schemas: mandatoryFlowSchemas.values() },
    waitLimitMs: waitLimitMs(limits?.requestMs ?? defaultLimits.requestMs),
  }).start();
}
