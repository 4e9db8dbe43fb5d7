import type { Random } from '@reckon/kernel';
import { eraseStrategy, type Strategy } from '@reckon/registry/generic';
import { controllerRevisionStrategy } from './apps/v1/controller-revision.strategy';
import { deploymentStatusStrategy, deploymentStrategy } from './apps/v1/deployment.strategy';
import { replicaSetStatusStrategy, replicaSetStrategy } from './apps/v1/replica-set.strategy';
import { leaseStrategy } from './coordination/v1/lease.strategy';
import { configMapStrategy } from './core/v1/config-map.strategy';
import { endpointsStrategy } from './core/v1/endpoints.strategy';
import { eventStrategy } from './core/v1/event/event.strategy';
import { limitRangeStrategy } from './core/v1/limit-range.strategy';
import { namespaceFinalizeStrategy, namespaceStatusStrategy, namespaceStrategy } from './core/v1/namespace.strategy';
import { nodeStatusStrategy, nodeStrategy } from './core/v1/node/node.strategy';
import { podTemplateStrategy } from './core/v1/pod-template.strategy';
import { ephemeralContainersStrategy } from './core/v1/pod/ephemeral-containers.strategy';
import { podStatusStrategy, podStrategy } from './core/v1/pod/pod.strategy';
import { resizeStrategy } from './core/v1/pod/resize.strategy';
import { secretStrategy } from './core/v1/secret.strategy';
import { serviceAccountStrategy } from './core/v1/service-account.strategy';
import { AddressRange } from './core/v1/service/address-range';
import { PortRange } from './core/v1/service/port-range';
import { serviceStrategies } from './core/v1/service/service.strategy';
import { endpointSliceStrategy } from './discovery/v1/endpoint-slice.strategy';
import { eventsEventStrategy } from './events/v1/event.strategy';
import { clusterRoleBindingStrategy } from './rbac/v1/cluster-role-binding.strategy';
import { clusterRoleStrategy } from './rbac/v1/cluster-role.strategy';
import { roleBindingStrategy } from './rbac/v1/role-binding.strategy';
import { roleStrategy } from './rbac/v1/role.strategy';
import { rbacGroup } from './rbac/v1/subject';
import { withFinalizerNames } from './finalizer-names';
import { priorityClassStrategy } from './scheduling/v1/priority-class.strategy';

/** What a kind's store needs beside the row: the strategy of the object and those of its subresources, by their names. */
export interface KindStrategies {
  readonly strategy: Strategy;
  readonly subresources: Readonly<Record<string, Strategy>>;
}

export interface StrategyOptions {
  /** One network, or two of different families separated by a comma; the first is the primary. `10.96.0.0/12` */
  readonly serviceClusterIpRange: string;
  /** Both ends are given out. */
  readonly serviceNodePorts: { readonly low: number; readonly high: number };
  readonly random: Random;
}

export const defaultServiceClusterIpRange = '10.96.0.0/12';
export const defaultServiceNodePorts = { low: 30_000, high: 32_767 };

/** The strategies of one cluster. */
export interface StrategyTable {
  /** Undefined for a kind that has no rules of its own here. */
  of(group: string, resource: string): KindStrategies | undefined;
  /** `group/resource` of every kind in the table; the core group is ''. */
  keys(): readonly string[];
}

/** A strategy of any type; the row that it is found by guarantees the type. */
const kind = <T>(strategy: Strategy<T>, subresources: Readonly<Record<string, Strategy<T>>> = {}): KindStrategies => ({
  strategy: withFinalizerNames(eraseStrategy(strategy)),
  subresources: Object.fromEntries(
    Object.entries(subresources).map(([name, subresource]) => [name, withFinalizerNames(eraseStrategy(subresource))]),
  ),
});

/** One line per kind: adding a kind is a row of the kinds table and a line here. */
export function createStrategies(options: StrategyOptions): StrategyTable {
  const { random, serviceNodePorts } = options;
  const services = serviceStrategies({
    addresses: options.serviceClusterIpRange.split(',').map((cidr) => new AddressRange(cidr)),
    nodePorts: new PortRange(serviceNodePorts.low, serviceNodePorts.high),
    random,
  });
  const table = new Map<string, KindStrategies>([
    ['/configmaps', kind(configMapStrategy)],
    ['/endpoints', kind(endpointsStrategy)],
    ['/events', kind(eventStrategy)],
    ['/limitranges', kind(limitRangeStrategy(random))],
    ['/namespaces', kind(namespaceStrategy, { status: namespaceStatusStrategy, finalize: namespaceFinalizeStrategy })],
    ['/nodes', kind(nodeStrategy, { status: nodeStatusStrategy })],
    [
      '/pods',
      kind(podStrategy, {
        status: podStatusStrategy,
        ephemeralcontainers: ephemeralContainersStrategy,
        resize: resizeStrategy,
      }),
    ],
    ['/podtemplates', kind(podTemplateStrategy)],
    ['/secrets', kind(secretStrategy)],
    ['/serviceaccounts', kind(serviceAccountStrategy)],
    ['/services', kind(services.strategy, { status: services.status })],
    ['apps/controllerrevisions', kind(controllerRevisionStrategy)],
    ['apps/deployments', kind(deploymentStrategy, { status: deploymentStatusStrategy })],
    ['apps/replicasets', kind(replicaSetStrategy, { status: replicaSetStatusStrategy })],
    // The one kind whose finalizers may have any qualified name.
    ['coordination.k8s.io/leases', { strategy: eraseStrategy(leaseStrategy), subresources: {} }],
    ['discovery.k8s.io/endpointslices', kind(endpointSliceStrategy)],
    ['events.k8s.io/events', kind(eventsEventStrategy)],
    [`${rbacGroup}/clusterrolebindings`, kind(clusterRoleBindingStrategy)],
    [`${rbacGroup}/clusterroles`, kind(clusterRoleStrategy)],
    [`${rbacGroup}/rolebindings`, kind(roleBindingStrategy)],
    [`${rbacGroup}/roles`, kind(roleStrategy)],
    ['scheduling.k8s.io/priorityclasses', kind(priorityClassStrategy)],
  ]);
  return {
    of: (group, resource) => table.get(`${group}/${resource}`),
    keys: () => [...table.keys()],
  };
}
