import type { resourcev1 } from '@reckon/api/types';
import type { NodeInfo } from '../../cache/node-info';
import type { ResourceSlice } from '../../framework/kinds';
import { termMatches } from '../node-selector';

export interface PoolDevice {
  readonly driver: string;
  readonly pool: DevicePool;
  readonly slice: ResourceSlice;
  readonly device: resourcev1.Device;
  /** `<driver>/<pool>/<device>` */
  readonly id: string;
}

/** The newest generation of what a driver tells of one pool. */
export interface DevicePool {
  readonly id: string;
  readonly driver: string;
  readonly name: string;
  readonly generation: number;
  readonly slices: ResourceSlice[];
  readonly devices: PoolDevice[];
  /** All its slices are there, and no device is in it twice. */
  isWhole: boolean;
}

export const deviceId = (driver: string, pool: string, device: string): string => `${driver}/${pool}/${device}`;

/** Pools by driver and name (dynamic-resource-allocation/structured.GatherPools). */
export function gatherPools(slices: readonly ResourceSlice[]): readonly DevicePool[] {
  const pools = new Map<string, DevicePool>();
  for (const slice of slices) {
    const { driver, pool } = slice.spec;
    const id = `${driver}/${pool.name}`;
    const known = pools.get(id);
    if (known !== undefined && known.generation > pool.generation) continue;
    if (known?.generation === pool.generation) known.slices.push(slice);
    else
      pools.set(id, {
        ...{ id, driver, name: pool.name, generation: pool.generation },
        ...{ slices: [slice], devices: [], isWhole: true },
      });
  }
  for (const pool of pools.values()) {
    const names = new Set<string>();
    for (const slice of pool.slices)
      for (const device of slice.spec.devices ?? []) {
        if (names.has(device.name)) pool.isWhole = false;
        names.add(device.name);
        const { driver } = pool;
        pool.devices.push({ driver, pool, slice, device, id: deviceId(driver, pool.name, device.name) });
      }
    if (pool.slices.length !== pool.slices[0]?.spec.pool.resourceSliceCount) pool.isWhole = false;
  }
  return [...pools.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

type Place = Pick<resourcev1.ResourceSliceSpec, 'nodeName' | 'nodeSelector' | 'allNodes'>;

/** Where the device can be used. */
export const placeOf = ({ slice: { spec }, device }: PoolDevice): Place =>
  spec.perDeviceNodeSelection === true ? device : spec;

export function isUsableOn(device: PoolDevice, { name, labels }: Pick<NodeInfo, 'name' | 'labels'>): boolean {
  const { nodeName, nodeSelector, allNodes } = placeOf(device);
  if (nodeName !== undefined) return nodeName === name;
  if (allNodes === true) return true;
  return nodeSelector?.nodeSelectorTerms.some((term) => termMatches(term, name, labels)) === true;
}
