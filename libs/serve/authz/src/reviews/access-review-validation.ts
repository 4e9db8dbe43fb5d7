import { type FieldError, fieldErrors, fieldPath, type KubeObject, statusErrors } from '@reckon/api/machinery';
import type { authorizationv1 } from '@reckon/api/types';
import { selectorErrors } from './selector-validation';

type SubjectSpec = authorizationv1.SubjectAccessReviewSpec;
type SelfSpec = authorizationv1.SelfSubjectAccessReviewSpec;

const spec = fieldPath('spec');

/** pkg/apis/authorization/validation: the rules of the three access reviews. Upstream leaves the kind out of the message. */
export function refuseInvalid(errors: readonly FieldError[]): void {
  if (errors.length > 0) throw statusErrors.invalid({ group: 'authorization.k8s.io', kind: '' }, '', errors);
}

export function selfSpecErrors(review: SelfSpec): FieldError[] {
  const errors: FieldError[] = [];
  const { resourceAttributes, nonResourceAttributes } = review;
  if (resourceAttributes !== undefined && nonResourceAttributes !== undefined)
    errors.push(
      fieldErrors.invalid(
        spec.child('nonResourceAttributes'),
        goNonResource(nonResourceAttributes),
        'cannot be specified in combination with resourceAttributes',
      ),
    );
  if (resourceAttributes === undefined && nonResourceAttributes === undefined)
    errors.push(
      fieldErrors.invalid(
        spec.child('resourceAttributes'),
        null,
        'exactly one of nonResourceAttributes or resourceAttributes must be specified',
      ),
    );
  return [...errors, ...selectorErrors(resourceAttributes, spec.child('resourceAttributes'))];
}

export function subjectSpecErrors(review: SubjectSpec): FieldError[] {
  const errors = selfSpecErrors(review);
  if ((review.user ?? '') === '' && (review.groups ?? []).length === 0)
    errors.push(fieldErrors.invalid(spec.child('user'), '', 'at least one of user or group must be specified'));
  return errors;
}

export function metadataErrors(
  { metadata }: Pick<KubeObject, 'metadata'>,
  allowed: 'nothing' | 'namespace',
): FieldError[] {
  const isAllowed = (key: string): boolean =>
    key === 'managedFields' || (key === 'namespace' && allowed === 'namespace');
  const isEmpty = (value: unknown): boolean => value === undefined || value === null || value === '';
  if (Object.entries(metadata).every(([key, value]) => isAllowed(key) || isEmpty(value))) return [];
  const why = allowed === 'namespace' ? 'must be empty except for namespace' : 'must be empty';
  return [fieldErrors.invalid(fieldPath('metadata'), metadata, why)];
}

export function localErrors(review: authorizationv1.LocalSubjectAccessReview): FieldError[] {
  const errors: FieldError[] = [];
  const { resourceAttributes, nonResourceAttributes } = review.spec;
  if (resourceAttributes !== undefined && (resourceAttributes.namespace ?? '') !== (review.metadata.namespace ?? ''))
    errors.push(
      fieldErrors.invalid(
        spec.child('resourceAttributes', 'namespace'),
        resourceAttributes.namespace ?? '',
        'must match metadata.namespace',
      ),
    );
  if (nonResourceAttributes !== undefined)
    errors.push(
      fieldErrors.invalid(
        spec.child('nonResourceAttributes'),
        goNonResource(nonResourceAttributes),
        'disallowed on this kind of request',
      ),
    );
  return errors;
}

/** As Go marshals the internal type, which has no JSON names. */
const goNonResource = ({ path = '', verb = '' }: authorizationv1.NonResourceAttributes): object => ({
  Path: path,
  Verb: verb,
});
