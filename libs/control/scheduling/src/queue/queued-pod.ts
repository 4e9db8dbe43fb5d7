import type { PodInfo } from '../cache/pod-info';

/** A pod in the queue and what its attempts have told (k8s.io/kube-scheduler/framework.QueuedPodInfo). */
export interface QueuedPod {
  info: PodInfo;
  /** When it last came into the queue; API time, ms. */
  queuedAtMs: number;
  /** Tells apart pods of one millisecond: earlier first. */
  readonly sequence: number;
  /** When the first attempt began. */
  firstAttemptMs: number | undefined;
  attempts: number;
  /** Attempts that found no node; the backoff doubles with each. */
  unschedulableCount: number;
  /** Attempts in a row that ended in an error. */
  errorCount: number;
  unschedulablePlugins: ReadonlySet<string>;
  pendingPlugins: ReadonlySet<string>;
  /** The plugin whose preEnqueue keeps it aside; '' when none. */
  gatedBy: string;
}
