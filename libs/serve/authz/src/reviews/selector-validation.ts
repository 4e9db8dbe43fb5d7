import {
  type FieldError,
  type FieldPath,
  fieldErrors,
  validateLabelName,
  validateLabelValue,
} from '@reckon/api/machinery';
import type { authorizationv1 } from '@reckon/api/types';

interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

interface Selector {
  readonly rawSelector?: string;
  readonly requirements?: readonly Requirement[];
}

/**
 * A selector is given as text or as requirements, not both, not neither. An operator that nobody knows is no error: clients may know
 * more of them, and the review then asks for more (pkg/apis/authorization/validation `validateFieldSelectorAttributes`).
 */
export function selectorErrors(
  attributes: authorizationv1.ResourceAttributes | undefined,
  path: FieldPath,
): FieldError[] {
  return [
    ...errorsOf(path.child('fieldSelector'), attributes?.fieldSelector, fieldRequirementErrors),
    ...errorsOf(path.child('labelSelector'), attributes?.labelSelector, labelRequirementErrors),
  ];
}

function errorsOf(
  path: FieldPath,
  selector: Selector | undefined,
  requirementErrors: (requirement: Requirement, path: FieldPath) => FieldError[],
): FieldError[] {
  if (selector === undefined) return [];
  const { rawSelector = '', requirements = [] } = selector;
  const errors: FieldError[] = [];
  if (rawSelector !== '' && requirements.length > 0)
    errors.push(
      fieldErrors.invalid(path.child('rawSelector'), rawSelector, 'may not specified at the same time as requirements'),
    );
  if (rawSelector === '' && requirements.length === 0)
    errors.push(
      fieldErrors.required(
        path.child('requirements'),
        `when ${path.toString()} is specified, requirements or rawSelector is required`,
      ),
    );
  for (const [i, requirement] of requirements.entries())
    errors.push(...requirementErrors(requirement, path.child('requirements').index(i)));
  return errors;
}

function fieldRequirementErrors(requirement: Requirement, path: FieldPath): FieldError[] {
  const { key = '' } = requirement as Partial<Requirement>;
  return [
    ...(key === '' ? [fieldErrors.required(path.child('key'), 'must be specified')] : []),
    ...countErrors(requirement, path),
  ];
}

function labelRequirementErrors(requirement: Requirement, path: FieldPath): FieldError[] {
  const { key = '', values = [] } = requirement as Partial<Requirement>;
  return [
    ...countErrors(requirement, path),
    ...validateLabelName(key, path.child('key')),
    ...values.flatMap((value, i) =>
      validateLabelValue(value).map((message) => fieldErrors.invalid(path.child('values').index(i), value, message)),
    ),
  ];
}

function countErrors({ operator, values = [] }: Requirement, path: FieldPath): FieldError[] {
  switch (operator) {
    case 'In':
    case 'NotIn':
      return values.length > 0
        ? []
        : [fieldErrors.required(path.child('values'), "must be specified when `operator` is 'In' or 'NotIn'")];
    case 'Exists':
    case 'DoesNotExist':
      return values.length === 0
        ? []
        : [
            fieldErrors.forbidden(
              path.child('values'),
              "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
            ),
          ];
    default:
      return [];
  }
}
