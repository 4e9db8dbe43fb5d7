/** Upstream's flags of the same names (pkg/controller/nodelifecycle/config, app/options). */
export interface NodeLifecycleOptions {
  /** `--node-monitor-period`: how long a node must be seen unready before its pods are at stake. */
  readonly nodeMonitorPeriodMs: number;
  /** `--node-monitor-grace-period`: silence after which a node counts as lost. */
  readonly nodeMonitorGracePeriodMs: number;
  /** `--node-startup-grace-period`: the same for one that has never told its state. */
  readonly nodeStartupGracePeriodMs: number;
  /** `--node-eviction-rate`: nodes per second and zone whose pods begin to be evicted. */
  readonly nodeEvictionRate: number;
  /** `--secondary-node-eviction-rate`: in a large zone of which much is unready; in a small one nothing is evicted then. */
  readonly secondaryNodeEvictionRate: number;
  /** `--large-cluster-size-threshold`: a zone of more nodes is large. */
  readonly largeClusterSizeThreshold: number;
  /** `--unhealthy-zone-threshold`: the part of a zone that must be unready for it to count as disrupted. */
  readonly unhealthyZoneThreshold: number;
}

export const defaultNodeLifecycleOptions: NodeLifecycleOptions = {
  nodeMonitorPeriodMs: 5_000,
  nodeMonitorGracePeriodMs: 50_000,
  nodeStartupGracePeriodMs: 60_000,
  nodeEvictionRate: 0.1,
  secondaryNodeEvictionRate: 0.01,
  largeClusterSizeThreshold: 50,
  unhealthyZoneThreshold: 0.55,
};
