import { type KubeObject, type Quantity, addQuantities, quantityOf } from '@reckon/api/machinery';
import type { resourcev1 } from '@reckon/api/types';
import type { Amounts } from './amounts';
import { type Evaluator, countName, onChange, one } from './evaluator';

type Claim = resourcev1.ResourceClaim & KubeObject;

const kind = { group: 'resource.k8s.io', resource: 'resourceclaims' } as const;
const countedAs = countName(kind);
const ofDeviceClass = '.deviceclass.resource.k8s.io/devices';
/** As many devices as one claim can get (resource.AllocationResultsMaxSize): what `All` comes to at worst. */
const mostDevices = 32;

/** Claims of devices, and how many devices of each class they may get (pkg/quota/v1/evaluator/core). */
export const resourceClaimEvaluator: Evaluator = {
  ...kind,
  measures: (name) => name === countedAs || name.endsWith(ofDeviceClass),
  isInScope: () => false,
  charges: onChange,
  usage: (object) => usage(object as Claim),
};

interface DeviceRequest {
  readonly deviceClassName: string;
  readonly allocationMode?: string;
  readonly count?: number;
}

function usage({ spec }: Claim): Amounts {
  const used = new Map<string, Quantity>([[countedAs, one]]);
  for (const { exactly, firstAvailable = [] } of spec?.devices?.requests ?? []) {
    // Of alternatives one is taken: each class counts with the most that any of them takes of it.
    const most = new Map<string, number>();
    for (const request of exactly == null ? firstAvailable : [exactly])
      most.set(request.deviceClassName, Math.max(most.get(request.deviceClassName) ?? 0, devices(request)));
    for (const [deviceClass, count] of most) {
      const name = deviceClass + ofDeviceClass;
      used.set(name, addQuantities(used.get(name) ?? quantityOf(0), quantityOf(count)));
    }
  }
  return used;
}

function devices({ allocationMode = 'ExactCount', count = 1 }: DeviceRequest): number {
  if (allocationMode === 'All') return mostDevices;
  return allocationMode === 'ExactCount' ? count : 0;
}
