import { fieldPath } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { keepSpec, keepStatus } from '../../../status-keeping';
import { betaStorageClassWarnings } from '../persistent-volume/beta-annotations';
import { roundResourceList } from '../resource-list';
import { claimSizeWarnings } from './claim-size.warnings';
import { linkDataSources } from './data-sources';
import { validateClaim, validateClaimUpdate } from './persistent-volume-claim.validation';
import { validateClaimStatus } from './claim-status.validation';

/** SetDefaults_PersistentVolumeClaim. */
function setClaimDefaults(claim: corev1.PersistentVolumeClaim): void {
  const spec = (claim.spec ??= {});
  spec.volumeMode ??= 'Filesystem';
  roundResourceList(spec.resources?.limits);
  roundResourceList(spec.resources?.requests);
  const status = (claim.status ??= {});
  if (!status.phase) status.phase = 'Pending';
  roundResourceList(status.capacity);
  roundResourceList(status.allocatedResources);
}

export const persistentVolumeClaimStrategy: Strategy<corev1.PersistentVolumeClaim> = {
  defaults: setClaimDefaults,
  returnsDeletedObject: true,
  prepareForCreate: (_ctx, claim) => {
    claim.status = { phase: 'Pending' };
    linkDataSources((claim.spec ??= {}), undefined);
  },
  validate: (_ctx, claim) => validateClaim(claim),
  warningsOnCreate: (_ctx, claim) => claimWarnings(claim),
  prepareForUpdate: (_ctx, claim, old) => {
    keepStatus(claim, old);
    linkDataSources((claim.spec ??= {}), old.spec);
  },
  validateUpdate: (_ctx, claim, old) => validateClaimUpdate(claim, old),
  warningsOnUpdate: (_ctx, claim) => claimWarnings(claim),
};

export const persistentVolumeClaimStatusStrategy: Strategy<corev1.PersistentVolumeClaim> = {
  defaults: setClaimDefaults,
  prepareForUpdate: (_ctx, claim, old) => keepSpec(claim, old),
  validateUpdate: (_ctx, claim) => validateClaimStatus(claim),
};

/** pkg/api/persistentvolumeclaim.GetWarningsForPersistentVolumeClaim. */
function claimWarnings({ metadata, spec }: corev1.PersistentVolumeClaim): string[] {
  const warnings = betaStorageClassWarnings(metadata);
  if (spec)
    claimSizeWarnings(spec, fieldPath('spec'), (at, text) => {
      warnings.push(`${at.toString()}: ${text}`);
    });
  return warnings;
}
