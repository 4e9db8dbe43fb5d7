import { type FieldPath, fieldErrors, fieldPath, jsonEqual } from '@reckon/api/machinery';
import type { storagev1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { checkOptionalOneOf, type Errors, immutableMessage } from '../../field-checks';
import { countSpecChange } from '../../generation';

const groupPolicies = ['File', 'None', 'ReadWriteOnceWithFSType'];
const lifecycleModes = ['Persistent', 'Ephemeral'];
const minimumExpirationSeconds = 600;
const maximumExpirationSeconds = 2 ** 32;
const minimumUpdatePeriodSeconds = 10;

export const csiDriverStrategy: Strategy<storagev1.CSIDriver> = {
  allowUnconditionalUpdate: false,
  returnsDeletedObject: true,
  defaults: setCsiDriverDefaults,
  prepareForCreate: (_ctx, driver) => {
    // Behind a gate that is off (VolumeLimitScaling).
    delete driver.spec.preventPodSchedulingIfMissing;
  },
  validate: (_ctx, driver) => validateCsiDriver(driver),
  prepareForUpdate: (_ctx, driver, old) => {
    if (old.spec.preventPodSchedulingIfMissing === undefined) delete driver.spec.preventPodSchedulingIfMissing;
    // A driver begins without a generation; its first change is number 1.
    countSpecChange(driver, old, driver.spec, old.spec);
  },
  validateUpdate: (_ctx, driver, old) => {
    const errors = validateCsiDriver(driver);
    for (const [field, shownAs] of [
      ['attachRequired', 'attachedRequired'],
      ['volumeLifecycleModes', 'volumeLifecycleModes'],
    ] as const)
      if (!jsonEqual(driver.spec[field], old.spec[field]))
        errors.push(fieldErrors.invalid(fieldPath('spec', shownAs), driver.spec[field] ?? null, immutableMessage));
    return errors;
  },
};

/** SetDefaults_CSIDriver. */
function setCsiDriverDefaults(driver: storagev1.CSIDriver): void {
  const spec = (driver.spec ??= {});
  spec.attachRequired ??= true;
  spec.podInfoOnMount ??= false;
  if ((spec.volumeLifecycleModes ?? []).length === 0) spec.volumeLifecycleModes = ['Persistent'];
  spec.storageCapacity ??= false;
  spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType';
  spec.requiresRepublish ??= false;
  spec.seLinuxMount ??= false;
}

/** `validateCSIDriverSpec`; what is required has a default. */
function validateCsiDriver({ spec }: storagev1.CSIDriver): Errors {
  const errors: Errors = [];
  const path = fieldPath('spec');
  checkOptionalOneOf(errors, path.child('fsGroupPolicy'), spec.fsGroupPolicy, groupPolicies);
  validateTokenRequests(errors, path.child('tokenRequests'), spec.tokenRequests ?? []);
  for (const mode of spec.volumeLifecycleModes ?? [])
    if (!lifecycleModes.includes(mode))
      errors.push(fieldErrors.notSupported(path.child('volumeLifecycleModes'), mode, lifecycleModes));
  const period = spec.nodeAllocatableUpdatePeriodSeconds;
  if (period !== undefined && period < minimumUpdatePeriodSeconds)
    errors.push(
      fieldErrors.invalid(
        path.child('nodeAllocatableUpdatePeriodSeconds'),
        period,
        `must be greater than or equal to ${String(minimumUpdatePeriodSeconds)} seconds`,
      ),
    );
  if (spec.serviceAccountTokenInSecrets !== undefined && (spec.tokenRequests ?? []).length === 0)
    errors.push(
      fieldErrors.invalid(
        path.child('serviceAccountTokenInSecrets'),
        spec.serviceAccountTokenInSecrets,
        'serviceAccountTokenInSecrets is set but no tokenRequests are specified',
      ),
    );
  return errors;
}

function validateTokenRequests(errors: Errors, path: FieldPath, requests: readonly storagev1.TokenRequest[]): void {
  const audiences = new Set<string>();
  for (const [index, { audience = '', expirationSeconds }] of requests.entries()) {
    const requestPath = path.index(index);
    if (audiences.has(audience)) {
      errors.push(fieldErrors.duplicate(requestPath.child('audience'), audience));
      continue;
    }
    audiences.add(audience);
    if (expirationSeconds === undefined) continue;
    const secondsPath = requestPath.child('expirationSeconds');
    if (expirationSeconds < minimumExpirationSeconds)
      errors.push(
        fieldErrors.invalid(secondsPath, expirationSeconds, 'may not specify a duration less than 10 minutes'),
      );
    if (expirationSeconds > maximumExpirationSeconds)
      errors.push(
        fieldErrors.invalid(secondsPath, expirationSeconds, 'may not specify a duration larger than 2^32 seconds'),
      );
  }
}
