import type { corev1 } from '@reckon/api/types';
import { findCondition } from '@reckon/api/machinery';
import type { Pod } from '../framework/kinds';
import {
  type Amounts,
  addAmounts,
  amountsOf,
  copyAmounts,
  isScalarResource,
  noAmounts,
  raiseAmounts,
} from './resource-amount';

/** What a container that names no request is taken to need when nodes are scored (pkg/scheduler/util.DefaultMilliCPURequest). */
export const assumedRequests = { milliCpu: 100, memory: 200 * 1024 * 1024 } as const;

export interface RequestOptions {
  /** Containers without a CPU or memory request count with `assumedRequests`. */
  readonly assumeMissing: boolean;
}

/**
 * What a pod takes of a node (k8s.io/component-helpers/resource.PodRequests): the containers together, or what the init
 * containers need at their most, whichever is larger; sidecars (init containers that restart) run beside both. Pod-level
 * requests replace the sum for the resources that they name; the overhead of the runtime comes on top.
 *
 * While a container is being resized it counts with the larger of what is asked for, allocated and in force.
 */
export function podRequests(pod: Pod, options: RequestOptions): Amounts {
  const spec = pod.spec;
  if (spec === undefined) return noAmounts();
  const podLevel = spec.resources?.requests;
  const isInfeasible = findCondition(pod.status?.conditions, 'PodResizePending')?.reason === 'Infeasible';

  const total = noAmounts();
  for (const container of spec.containers)
    addAmounts(
      total,
      containerRequests(container, { ...options, podLevel, isInfeasible, statuses: pod.status?.containerStatuses }),
    );

  if (spec.initContainers !== undefined && spec.initContainers.length > 0) {
    const sidecars = noAmounts();
    const highest = noAmounts();
    for (const container of spec.initContainers) {
      const own = containerRequests(container, {
        ...options,
        podLevel,
        isInfeasible,
        statuses: pod.status?.initContainerStatuses,
      });
      if (container.restartPolicy === 'Always') {
        addAmounts(total, own);
        addAmounts(sidecars, own);
        raiseAmounts(highest, sidecars);
      } else {
        addAmounts(own, sidecars);
        raiseAmounts(highest, own);
      }
    }
    raiseAmounts(total, highest);
  }

  if (podLevel !== undefined) {
    const level = amountsOf(podLevel);
    if (Object.hasOwn(podLevel, 'cpu')) total.milliCpu = level.milliCpu;
    if (Object.hasOwn(podLevel, 'memory')) total.memory = level.memory;
    for (const [name, value] of level.scalars ?? [])
      if (name.startsWith('hugepages-') && isScalarResource(name)) (total.scalars ??= new Map()).set(name, value);
  }
  if (spec.overhead !== undefined) addAmounts(total, amountsOf(spec.overhead));
  return total;
}

interface ContainerOptions extends RequestOptions {
  readonly podLevel: Readonly<Record<string, string>> | undefined;
  readonly isInfeasible: boolean;
  readonly statuses: readonly corev1.ContainerStatus[] | undefined;
}

function containerRequests(container: corev1.Container, options: ContainerOptions): Amounts {
  const requests = container.resources?.requests;
  const asked = amountsOf(requests);
  const status = options.statuses?.find((s) => s.name === container.name);
  let amounts = asked;
  if (status?.resources?.requests !== undefined || status?.allocatedResources !== undefined) {
    amounts = options.isInfeasible ? noAmounts() : copyAmounts(asked);
    raiseAmounts(amounts, amountsOf(status.resources?.requests));
    raiseAmounts(amounts, amountsOf(status.allocatedResources));
  }
  if (options.assumeMissing) {
    const isNamed = (name: string): boolean =>
      (requests !== undefined && Object.hasOwn(requests, name)) ||
      (options.podLevel !== undefined && Object.hasOwn(options.podLevel, name));
    if (amounts.milliCpu === 0 && !isNamed('cpu')) amounts.milliCpu = assumedRequests.milliCpu;
    if (amounts.memory === 0 && !isNamed('memory')) amounts.memory = assumedRequests.memory;
  }
  return amounts;
}
