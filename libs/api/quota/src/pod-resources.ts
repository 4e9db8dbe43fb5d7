import { type Quantity, addQuantities, findCondition, isZeroQuantity } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { type Amounts, addTo, amountsOf, raiseTo } from './amounts';

type Pod = Pick<corev1.Pod, 'spec' | 'status'>;
type OfContainer = (container: corev1.Container, status: corev1.ContainerStatus | undefined) => Amounts;

const none: Amounts = new Map();

/** While a pod is being resized it counts with the most of what is asked for, allocated and in force. */
export function podRequests(pod: Pod): Map<string, Quantity> {
  const asked = isInfeasible(pod) ? undefined : requestsAsked;
  const total = asked === undefined ? new Map<string, Quantity>() : sumOf(pod, asked);
  const whenUnknown = asked ?? (() => none);
  const allocated: OfContainer = (container, status) =>
    status?.allocatedResources == null ? whenUnknown(container) : amountsOf(status.allocatedResources);
  raiseTo(total, sumOf(pod, allocated));
  raiseTo(
    total,
    sumOf(pod, (container, status) =>
      status?.resources?.requests == null ? allocated(container, status) : amountsOf(status.resources.requests),
    ),
  );
  setPodLevel(total, pod.spec?.resources?.requests);
  addTo(total, amountsOf(pod.spec?.overhead));
  return total;
}

/** As `podRequests`, of limits. The runtime's overhead comes on top of limits that there are, and makes none. */
export function podLimits(pod: Pod): Map<string, Quantity> {
  const asked = isInfeasible(pod) ? undefined : limitsAsked;
  const total = asked === undefined ? new Map<string, Quantity>() : sumOf(pod, asked);
  const whenUnknown = asked ?? (() => none);
  raiseTo(
    total,
    sumOf(pod, (container, status) =>
      status?.resources?.limits == null ? whenUnknown(container) : amountsOf(status.resources.limits),
    ),
  );
  setPodLevel(total, pod.spec?.resources?.limits);
  for (const [name, overhead] of amountsOf(pod.spec?.overhead)) {
    const limit = total.get(name);
    if (limit !== undefined && !isZeroQuantity(limit)) total.set(name, addQuantities(limit, overhead));
  }
  return total;
}

const requestsAsked = (container: corev1.Container): Amounts => amountsOf(container.resources?.requests);
const limitsAsked = (container: corev1.Container): Amounts => amountsOf(container.resources?.limits);

const isInfeasible = ({ status }: Pod): boolean =>
  findCondition(status?.conditions, 'PodResizePending')?.reason === 'Infeasible';

/**
 * The containers together, or what the init containers need at their most, whichever is more; sidecars (init containers that
 * restart) run beside both (k8s.io/component-helpers/resource `aggregateContainerResourcesByFn`).
 */
function sumOf({ spec, status }: Pod, of: OfContainer): Map<string, Quantity> {
  const total = new Map<string, Quantity>();
  for (const container of spec?.containers ?? [])
    addTo(total, of(container, statusOf(status?.containerStatuses, container)));
  const sidecars = new Map<string, Quantity>();
  const highest = new Map<string, Quantity>();
  for (const container of spec?.initContainers ?? []) {
    const own = of(container, statusOf(status?.initContainerStatuses, container));
    if (container.restartPolicy === 'Always') {
      addTo(total, own);
      addTo(sidecars, own);
      raiseTo(highest, sidecars);
    } else {
      const together = new Map(own);
      addTo(together, sidecars);
      raiseTo(highest, together);
    }
  }
  raiseTo(total, highest);
  return total;
}

const statusOf = (
  statuses: readonly corev1.ContainerStatus[] | undefined,
  { name }: corev1.Container,
): corev1.ContainerStatus | undefined => statuses?.find((status) => status.name === name);

/** What the pod as a whole names goes before the sum of its containers. */
function setPodLevel(total: Map<string, Quantity>, podLevel: Readonly<Record<string, string>> | undefined): void {
  for (const [name, quantity] of amountsOf(podLevel))
    if (name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')) total.set(name, quantity);
}
