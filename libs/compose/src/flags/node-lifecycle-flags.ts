import { duration, fraction, whole } from './flag';

/** When a node counts as lost, and how fast pods are driven out of lost nodes. */
export const nodeLifecycleFlags = {
  'node-monitor-grace-period': duration('silence after which a node counts as lost', '50s'),
  'node-startup-grace-period': duration('the same for a node that has never told its state', '1m0s'),
  'node-eviction-rate': fraction('nodes per second and zone whose pods begin to be evicted', 0.1),
  'secondary-node-eviction-rate': fraction('the same in a large zone of which much is unready', 0.01),
  'large-cluster-size-threshold': whole('a zone of more nodes is large; in a smaller one nothing is evicted then', {
    initial: 50,
  }),
  'unhealthy-zone-threshold': fraction('the part of a zone that must be unready for it to count as disrupted', 0.55),
};
