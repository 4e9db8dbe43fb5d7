import { goQuote, timeText } from '@reckon/api/machinery';
import type { resourcev1 } from '@reckon/api/types';
import type { RequestContext, Strategy } from '@reckon/registry/generic';
import { countSpecChange } from '../../generation';
import { validateSliceSpec } from './resource-slice.validation';

type Slice = resourcev1.ResourceSlice;
type Device = resourcev1.Device;

/** SetDefaults_DeviceTaint, which needs a clock and so cannot run with the other defaults. */
function setTaintTimes(ctx: RequestContext, { spec }: Slice): void {
  for (const { taints } of spec.devices ?? [])
    for (const taint of taints ?? []) taint.timeAdded ??= timeText(ctx.nowMs);
}

const listFields = ['ints', 'bools', 'strings', 'versions'] as const;

const attributesOf = (devices: readonly Device[]): resourcev1.DeviceAttribute[] =>
  devices.flatMap(({ attributes }) => Object.values(attributes ?? {}));

/** DRANodeAllocatableResources and DRAListTypeAttributes are off: what they guard comes in only where it is in use. */
function dropDisabledFields({ spec }: Slice, old: Slice | undefined): void {
  const devices = spec.devices ?? [];
  const before = old?.spec.devices ?? [];
  if (!before.some(({ nodeAllocatableResourceMappings }) => nodeAllocatableResourceMappings !== undefined))
    for (const device of devices) delete device.nodeAllocatableResourceMappings;
  if (attributesOf(before).some((attribute) => listFields.some((field) => attribute[field] !== undefined))) return;
  for (const attribute of attributesOf(devices)) for (const field of listFields) delete attribute[field];
}

function driverWarnings({ spec: { driver } }: Slice): string[] {
  return driver === driver.toLowerCase()
    ? []
    : [`spec.driver: driver names should be lowercase; ${goQuote(driver)} contains uppercase characters`];
}

/** What a driver has to offer. */
export const resourceSliceStrategy: Strategy<Slice> = {
  defaults: (slice) => {
    const spec = (slice.spec ??= { driver: '', pool: emptyPool() });
    spec.driver ??= '';
    spec.pool ??= emptyPool();
  },
  prepareForCreate: (ctx, slice) => {
    slice.metadata.generation = 1;
    setTaintTimes(ctx, slice);
    dropDisabledFields(slice, undefined);
  },
  validate: (_ctx, slice) => validateSliceSpec(slice.spec, undefined),
  warningsOnCreate: (_ctx, slice) => driverWarnings(slice),
  prepareForUpdate: (ctx, slice, old) => {
    setTaintTimes(ctx, slice);
    countSpecChange(slice, old, slice.spec, old.spec);
    dropDisabledFields(slice, old);
  },
  validateUpdate: (_ctx, slice, old) => validateSliceSpec(slice.spec, old.spec),
  warningsOnUpdate: (_ctx, slice) => driverWarnings(slice),
};

const emptyPool = (): resourcev1.ResourcePool => ({ name: '', generation: 0, resourceSliceCount: 0 });
