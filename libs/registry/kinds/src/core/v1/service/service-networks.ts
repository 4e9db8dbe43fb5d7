import { isConditionTrue } from '@reckon/api/machinery';
import type { networkingv1 } from '@reckon/api/types';
import type { Storage, StoredObject } from '@reckon/store/contract';
import { AddressRange } from './address-range';
import type { IpFamily } from './service-type';

const none: readonly AddressRange[] = [];

/**
 * The networks that services get addresses of: those that the server was started with, then those of further ServiceCIDRs that are
 * ready and not being deleted.
 */
export class ServiceNetworks {
  /** Versions of a ServiceCIDR are never written to, so this cannot go stale. */
  private readonly read = new WeakMap<StoredObject, readonly AddressRange[]>();

  constructor(private readonly configured: readonly AddressRange[]) {}

  of(storage: Storage, family: IpFamily): readonly AddressRange[] {
    const ranges = this.configured.filter((range) => range.family === family);
    for (const stored of storage.newestOf({ group: 'networking.k8s.io', resource: 'servicecidrs' }))
      for (const range of this.rangesOf(stored))
        if (range.family === family && ranges.every(({ cidr }) => cidr !== range.cidr)) ranges.push(range);
    return ranges;
  }

  private rangesOf(stored: StoredObject): readonly AddressRange[] {
    let ranges = this.read.get(stored);
    if (ranges === undefined) {
      const { metadata, spec, status } = stored.parse() as unknown as networkingv1.ServiceCIDR;
      const isReady = metadata.deletionTimestamp === undefined && isConditionTrue(status?.conditions, 'Ready');
      ranges = isReady ? (spec?.cidrs ?? []).map((cidr) => new AddressRange(cidr)) : none;
      this.read.set(stored, ranges);
    }
    return ranges;
  }
}
