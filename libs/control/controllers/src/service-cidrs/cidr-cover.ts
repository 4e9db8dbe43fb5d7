import { type IpNetwork, type KubeObject, networkContains, parseCidr, parseIp } from '@reckon/api/machinery';
import type { networkingv1 } from '@reckon/api/types';

export type ServiceCidr = networkingv1.ServiceCIDR & KubeObject;
export type IpAddressObject = networkingv1.IPAddress & KubeObject;

export const networksOf = ({ spec }: ServiceCidr): IpNetwork[] =>
  (spec?.cidrs ?? []).flatMap((text) => parseCidr(text)?.network ?? []);

const covers = (outer: IpNetwork, inner: IpNetwork): boolean =>
  outer.prefixLength <= inner.prefixLength && networkContains(outer, inner.address);

/** Whether a network of the one lies within a network of the other, either way round. */
export const overlap = (a: ServiceCidr, b: ServiceCidr): boolean =>
  networksOf(a).some((x) => networksOf(b).some((y) => covers(x, y) || covers(y, x)));

/** Whether the address that an IPAddress is named after lies in a network of this. */
export function holds(cidr: ServiceCidr, { metadata }: IpAddressObject): boolean {
  const ip = parseIp(metadata.name ?? '');
  return ip !== undefined && networksOf(cidr).some((network) => networkContains(network, ip));
}

/** Addresses that services were given; others are nobody's business here. */
export const isAllocated = ({ metadata }: IpAddressObject): boolean =>
  metadata.labels?.['ipaddress.kubernetes.io/managed-by'] === 'ipallocator.k8s.io';

/**
 * Whether addresses would be left that lie in no network any more. A network that lies within one of another object leaves none;
 * of the rest every address is looked at (servicecidrs.Controller.canDeleteCIDR).
 */
export function isNeeded(
  cidr: ServiceCidr,
  all: readonly ServiceCidr[],
  addresses: readonly IpAddressObject[],
): boolean {
  const others = all.filter(({ metadata }) => metadata.name !== cidr.metadata.name);
  const own = networksOf(cidr);
  if (own.every((network) => others.some((other) => networksOf(other).some((outer) => covers(outer, network)))))
    return false;
  return addresses.some(
    (address) => isAllocated(address) && holds(cidr, address) && !others.some((other) => holds(other, address)),
  );
}
