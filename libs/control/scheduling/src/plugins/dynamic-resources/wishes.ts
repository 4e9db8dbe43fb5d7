import type { resourcev1 } from '@reckon/api/types';
import type { DeviceClass, ResourceClaim } from '../../framework/kinds';
import type { Wish } from './allocator';

/** What a claim asks for, by request; a text: what of it cannot be (dynamicresources.validateDeviceClass, and the like). */
export function wishesOf(
  { spec }: ResourceClaim,
  classOf: (name: string) => DeviceClass | undefined,
): (readonly Wish[])[] | string {
  const requests: (readonly Wish[])[] = [];
  for (const { name, exactly, firstAvailable = [] } of spec.devices.requests ?? []) {
    const wishes: Wish[] = [];
    const ways: readonly (readonly [string, resourcev1.ExactDeviceRequest | resourcev1.DeviceSubRequest])[] =
      exactly === undefined ? firstAvailable.map((sub) => [`${name}/${sub.name}`, sub] as const) : [[name, exactly]];
    if (ways.length === 0) return `request ${name}: unsupported request type`;
    for (const [wishName, way] of ways) {
      const deviceClass = classOf(way.deviceClassName);
      if (deviceClass === undefined) return `request ${wishName}: device class ${way.deviceClassName} does not exist`;
      const mode = way.allocationMode ?? 'ExactCount';
      if (mode !== 'ExactCount' && mode !== 'All') return `request ${wishName}: unsupported allocation mode ${mode}`;
      wishes.push({
        name: wishName,
        deviceClass,
        selectors: way.selectors ?? [],
        count: mode === 'All' ? 'all' : (way.count ?? 1),
        hasAdminAccess: 'adminAccess' in way && way.adminAccess,
        tolerations: way.tolerations ?? [],
        capacity: way.capacity?.requests ?? {},
      });
    }
    requests.push(wishes);
  }
  return requests;
}
