import { fieldErrors, fieldPath, validateQualifiedName } from '@reckon/api/machinery';
import type { coordinationv1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { checkText, type Errors } from '../../field-checks';

const knownStrategies = ['OldestEmulationVersion'];

/** Leases have no defaults and no status: renewals must be cheap. */
export const leaseStrategy: Strategy<coordinationv1.Lease> = {
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,
  prepareForCreate: (_ctx, lease) => dropDisabledFields(lease),
  validate: (_ctx, lease) => validateLease(lease),
  prepareForUpdate: (_ctx, lease, old) => dropDisabledFields(lease, old),
  validateUpdate: (_ctx, lease) => validateLease(lease),
};

const coordinated = ['strategy', 'preferredHolder'] as const;

/** CoordinatedLeaderElection is off in v1.36: what it guards comes in only where it is in use. */
function dropDisabledFields({ spec }: coordinationv1.Lease, old?: coordinationv1.Lease): void {
  for (const field of coordinated) if (spec && old?.spec?.[field] === undefined) delete spec[field];
}

function validateLease(lease: coordinationv1.Lease): Errors {
  const errors: Errors = [];
  const spec = lease.spec;
  if (!spec) return errors;
  const path = fieldPath('spec');
  if (spec.leaseDurationSeconds !== undefined && spec.leaseDurationSeconds <= 0)
    errors.push(
      fieldErrors.invalid(path.child('leaseDurationSeconds'), spec.leaseDurationSeconds, 'must be greater than 0'),
    );
  if (spec.leaseTransitions !== undefined && spec.leaseTransitions < 0)
    errors.push(
      fieldErrors.invalid(path.child('leaseTransitions'), spec.leaseTransitions, 'must be greater than or equal to 0'),
    );
  if (spec.strategy !== undefined) validateLeaseStrategy(errors, spec.strategy);
  if (spec.preferredHolder && !spec.strategy)
    errors.push(fieldErrors.forbidden(path.child('preferredHolder'), 'may only be specified if `strategy` is defined'));
  return errors;
}

function validateLeaseStrategy(errors: Errors, strategy: string): void {
  // Upstream repeats the last step of the path.
  const path = fieldPath('spec', 'strategy', 'strategy');
  if (strategy.includes('/')) checkText(errors, path, strategy, validateQualifiedName);
  else if (!knownStrategies.includes(strategy)) errors.push(fieldErrors.notSupported(path, strategy, knownStrategies));
}
