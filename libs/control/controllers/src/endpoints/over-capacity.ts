import type { corev1 } from '@reckon/api/types';

export const overCapacityAnnotation = 'endpoints.kubernetes.io/over-capacity';

/** Addresses that one Endpoints object may hold; Services with more are read from their slices. */
const maxCapacity = 1000;

const countOf = (subsets: readonly corev1.EndpointSubset[], field: 'addresses' | 'notReadyAddresses'): number =>
  subsets.reduce((sum, subset) => sum + (subset[field]?.length ?? 0), 0);

export const isOverCapacity = (subsets: readonly corev1.EndpointSubset[]): boolean =>
  countOf(subsets, 'addresses') + countOf(subsets, 'notReadyAddresses') > maxCapacity;

/**
 * Cuts to the capacity, ready addresses before the others, each subset keeping its share
 * (pkg/controller/endpoint.truncateEndpoints). Subsets within it are given back as they are.
 */
export function withinCapacity(subsets: corev1.EndpointSubset[]): corev1.EndpointSubset[] {
  if (!isOverCapacity(subsets)) return subsets;
  const ready = countOf(subsets, 'addresses');
  const isReadyCut = ready > maxCapacity;
  const field = isReadyCut ? 'addresses' : 'notReadyAddresses';
  const room = isReadyCut ? maxCapacity : maxCapacity - ready;
  const total = countOf(subsets, field);
  let left = room;
  return subsets.map((subset) => {
    const share = Math.ceil(((subset[field]?.length ?? 0) / total) * room);
    const kept = subset[field]?.slice(0, Math.min(share, left)) ?? [];
    left -= kept.length;
    const cut = { ...subset, [field]: kept };
    if (isReadyCut) delete cut.notReadyAddresses;
    return cut;
  });
}
