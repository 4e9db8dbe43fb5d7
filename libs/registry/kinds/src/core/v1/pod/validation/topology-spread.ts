import { type FieldPath, fieldErrors, validateLabelSelector } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { checkOptionalOneOf, type Errors } from '../../../../field-checks';
import { validateLabelKeys } from './label-keys';
import type { PodContext } from './pod-context';

const actions = ['DoNotSchedule', 'ScheduleAnyway'];
const nodePolicies = ['Honor', 'Ignore'];

/** `validateTopologySpreadConstraints`. */
export function validateTopologySpread(
  errors: Errors,
  path: FieldPath,
  constraints: readonly corev1.TopologySpreadConstraint[],
  context: PodContext,
): void {
  for (const [index, constraint] of constraints.entries()) {
    const constraintPath = path.index(index);
    const { maxSkew, topologyKey, whenUnsatisfiable, minDomains } = constraint;
    if (maxSkew <= 0)
      errors.push(fieldErrors.invalid(constraintPath.child('maxSkew'), maxSkew, 'must be greater than zero'));
    if (!topologyKey) errors.push(fieldErrors.required(constraintPath.child('topologyKey'), 'can not be empty'));
    if (!actions.includes(whenUnsatisfiable))
      errors.push(
        fieldErrors.notSupported(constraintPath.child('whenUnsatisfiable'), whenUnsatisfiable ?? '', actions),
      );
    const repeated = constraints
      .slice(index + 1)
      .some((other) => other.topologyKey === topologyKey && other.whenUnsatisfiable === whenUnsatisfiable);
    if (repeated)
      errors.push(
        fieldErrors.duplicate(
          constraintPath.child('{topologyKey, whenUnsatisfiable}'),
          `{${topologyKey}, ${whenUnsatisfiable}}`,
        ),
      );
    if (minDomains !== undefined) {
      const domainsPath = constraintPath.child('minDomains');
      if (minDomains <= 0) errors.push(fieldErrors.invalid(domainsPath, minDomains, 'must be greater than zero'));
      if (whenUnsatisfiable !== 'DoNotSchedule')
        errors.push(
          fieldErrors.invalid(
            domainsPath,
            minDomains,
            `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`,
          ),
        );
    }
    for (const field of ['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const)
      checkOptionalOneOf(errors, constraintPath.child(field), constraint[field], nodePolicies);
    validateLabelKeys(errors, constraintPath, constraint);
    if (!context.tolerated.badSpreadSelectors)
      errors.push(...validateLabelSelector(constraint.labelSelector, constraintPath.child('labelSelector')));
  }
}
