import { addQuantities, compareQuantities, parseQuantity, type Quantity, quantityText } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';

type Totals = Map<string, Quantity>;

/**
 * What a pod as a whole requests or is limited to: its containers and sidecars together, or the largest of its init containers
 * (each beside the sidecars started before it) where that is more; what is set for the pod itself counts before all.
 */
export function podTotals(spec: corev1.PodSpec, kind: 'requests' | 'limits'): Record<string, string> {
  const totals: Totals = new Map();
  const sidecars: Totals = new Map();
  const peak: Totals = new Map();
  for (const container of spec.containers ?? []) add(totals, listOf(container, kind));
  for (const container of spec.initContainers ?? []) {
    const own = listOf(container, kind);
    if (container.restartPolicy === 'Always') {
      add(totals, own);
      add(sidecars, own);
      raise(peak, sidecars);
    } else {
      const beside: Totals = new Map(sidecars);
      add(beside, own);
      raise(peak, beside);
    }
  }
  raise(totals, peak);
  for (const [name, text] of Object.entries(spec.resources?.[kind] ?? {})) totals.set(name, parseQuantity(text));
  return Object.fromEntries([...totals].map(([name, quantity]) => [name, quantityText(quantity)]));
}

function listOf(container: corev1.Container, kind: 'requests' | 'limits'): Totals {
  return new Map(Object.entries(container.resources?.[kind] ?? {}).map(([name, text]) => [name, parseQuantity(text)]));
}

function add(to: Totals, from: Totals): void {
  for (const [name, quantity] of from) {
    const sum = to.get(name);
    to.set(name, sum === undefined ? quantity : addQuantities(sum, quantity));
  }
}

function raise(to: Totals, from: Totals): void {
  for (const [name, quantity] of from) {
    const present = to.get(name);
    if (present === undefined || compareQuantities(quantity, present) > 0) to.set(name, quantity);
  }
}
