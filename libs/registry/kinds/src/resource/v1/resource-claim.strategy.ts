import { fieldErrors, fieldPath, semanticEqual } from '@reckon/api/machinery';
import type { resourcev1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { keepMetaForStatus } from '../../core/v1/pod/subresource-meta';
import { type Errors, immutableMessage } from '../../field-checks';
import { keepSpec, keepStatus } from '../../status-keeping';
import { adminRequestPath, adminResultPath, requireAdminNamespace } from './admin-access';
import { setClaimDefaults, setTolerationDefaults } from './claim.defaults';
import { validateDeviceClaim } from './device-claim.validation';
import { shownClaimSpec } from './internal-claim';
import { deviceId, validateClaimStatus } from './resource-claim-status.validation';
import { requestNamesOf } from './request-names';
import { type SelectorChecker, uncheckedSelectors } from './selector-checker';

type Claim = resourcev1.ResourceClaim;

function setDefaults(claim: Claim): void {
  setClaimDefaults(((claim.spec ??= { devices: {} }).devices ??= {}));
  for (const result of claim.status?.allocation?.devices?.results ?? []) setTolerationDefaults(result.tolerations);
}

const devicesPath = fieldPath('spec', 'devices');

/** The strategies of claims; what is in them does not change once made, only what they got. */
export function resourceClaimStrategies(check: SelectorChecker = uncheckedSelectors): {
  readonly strategy: Strategy<Claim>;
  readonly status: Strategy<Claim>;
} {
  const validate = (claim: Claim): Errors => {
    const errors: Errors = [];
    validateDeviceClaim(errors, devicesPath, claim.spec.devices, check);
    return errors;
  };
  return {
    strategy: {
      defaults: setDefaults,
      prepareForCreate: (_ctx, claim) => {
        claim.status = {};
      },
      validate: (_ctx, claim) => validate(claim),
      prepareForUpdate: (_ctx, claim, old) => keepStatus(claim, old),
      // What cannot change is not looked at again.
      validateUpdate: (_ctx, claim, old) =>
        semanticEqual(claim.spec, old.spec)
          ? []
          : [fieldErrors.invalid(fieldPath('spec'), shownClaimSpec(claim.spec), immutableMessage)],
      decide: (_ctx, storage, claim, old) => {
        const path = claim === undefined || old !== undefined ? undefined : adminRequestPath(claim.spec.devices);
        if (claim !== undefined && path !== undefined) requireAdminNamespace(storage, 'ResourceClaim', claim, path);
        return [];
      },
    },
    status: {
      defaults: setDefaults,
      prepareForUpdate: (_ctx, claim, old) => {
        keepSpec(claim, old);
        keepMetaForStatus(claim.metadata, old.metadata);
        dropDeallocated(claim, old);
      },
      validateUpdate: (_ctx, claim, old) => {
        const errors: Errors = [];
        validateClaimStatus(errors, fieldPath('status'), {
          status: claim.status ?? {},
          old: old.status ?? {},
          isDeleted: claim.metadata.deletionTimestamp !== undefined,
          names: requestNamesOf(claim.spec.devices),
        });
        return errors;
      },
      decide: (_ctx, storage, claim, old) => {
        const path = adminResultPath(old?.status) === undefined ? adminResultPath(claim?.status) : undefined;
        if (claim !== undefined && path !== undefined) requireAdminNamespace(storage, 'ResourceClaim', claim, path);
        return [];
      },
    },
  };
}

/** `dropDeallocatedStatusDevices`: what is said of a device goes with the device. */
function dropDeallocated({ status }: Claim, old: Claim): void {
  if (!status?.devices) return;
  // Whichever share of a device is left, the device is.
  const idsOf = (claim: resourcev1.ResourceClaimStatus | undefined): Set<string> =>
    new Set((claim?.allocation?.devices?.results ?? []).map(wholeDevice));
  const still = idsOf(status);
  const gone = new Set([...idsOf(old.status)].filter((id) => !still.has(id)));
  const devices = status.devices.filter((device) => !gone.has(wholeDevice(device)));
  if (devices.length === 0) delete status.devices;
  else status.devices = devices;
}

const wholeDevice = ({ driver, pool, device }: { driver: string; pool: string; device: string }): string =>
  deviceId({ driver, pool, device });
