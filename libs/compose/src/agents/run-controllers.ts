import type { RestClient } from '@reckon/client/rest';
import { type ControllerOptions, startControllers } from '@reckon/control/controllers';
import { type ControllerMetrics, type Leading, controllerMetricsIn } from '@reckon/control/runtime';
import type { AgentBasics } from './agent-basics';

export interface ControllersRun extends Omit<AgentBasics, 'metrics'> {
  readonly metrics: ControllerMetrics;
  /** The manager's own client. */
  readonly rest: RestClient;
  /** The client with the rights of a ServiceAccount of kube-system; by default the manager's own. */
  readonly restOf?: (serviceAccount: string) => RestClient;
  /** Which controllers of the table run; all by default. */
  readonly isWanted?: (name: string) => boolean;
  readonly options: ControllerOptions;
}

/** The metrics of work queues, which controllers and kubelets share: made once per registry. */
export const queueMetricsOf = ({ metrics }: Pick<AgentBasics, 'metrics'>): ControllerMetrics =>
  controllerMetricsIn(metrics);

/** The controllers, embedded or in a program of their own. */
export const runControllers = (run: ControllersRun): Leading => startControllers(run);
