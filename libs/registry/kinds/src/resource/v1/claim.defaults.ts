import type { resourcev1 } from '@reckon/api/types';

/** SetDefaults_ExactDeviceRequest, SetDefaults_DeviceSubRequest and those of tolerations. */
export function setClaimDefaults(claim: resourcev1.DeviceClaim | undefined): void {
  for (const { exactly, firstAvailable } of claim?.requests ?? [])
    for (const demand of exactly ? [exactly, ...(firstAvailable ?? [])] : (firstAvailable ?? [])) {
      if (!demand.allocationMode) demand.allocationMode = 'ExactCount';
      if (demand.allocationMode === 'ExactCount' && !demand.count) demand.count = 1;
      setTolerationDefaults(demand.tolerations);
    }
}

export function setTolerationDefaults(tolerations: readonly resourcev1.DeviceToleration[] | undefined): void {
  for (const toleration of tolerations ?? []) if (!toleration.operator) toleration.operator = 'Equal';
}
