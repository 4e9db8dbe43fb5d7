import { addQuantities, compareQuantities, parseQuantity, type Quantity, quantityText } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';

/**
 * What the containers of a pod come to: all that run together, or, if that is more, the most that an init container
 * takes beside the sidecars started before it (resourcehelper.AggregateContainerRequests and …Limits).
 */
export function aggregateResources(spec: corev1.PodSpec, list: 'requests' | 'limits'): Record<string, string> {
  const together = new Map<string, Quantity>();
  for (const container of spec.containers ?? []) addAll(together, container.resources?.[list]);
  const sidecars = new Map<string, Quantity>();
  const atInit = new Map<string, Quantity>();
  for (const container of spec.initContainers ?? []) {
    const own = container.resources?.[list];
    if (container.restartPolicy === 'Always') {
      addAll(together, own);
      addAll(sidecars, own);
      raiseAll(atInit, sidecars);
      continue;
    }
    const beside = new Map(sidecars);
    addAll(beside, own);
    raiseAll(atInit, beside);
  }
  raiseAll(together, atInit);
  return Object.fromEntries([...together].map(([name, quantity]) => [name, quantityText(quantity)]));
}

function addAll(totals: Map<string, Quantity>, list: Record<string, string> | undefined): void {
  for (const name of Object.keys(list ?? {})) {
    const quantity = parseQuantity(list?.[name] ?? '0');
    const sum = totals.get(name);
    totals.set(name, sum === undefined ? quantity : addQuantities(sum, quantity));
  }
}

function raiseAll(totals: Map<string, Quantity>, others: ReadonlyMap<string, Quantity>): void {
  for (const [name, quantity] of others) {
    const total = totals.get(name);
    if (total === undefined || compareQuantities(quantity, total) > 0) totals.set(name, quantity);
  }
}
