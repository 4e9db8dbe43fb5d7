import { type FieldPath, fieldErrors, validateDns1123Subdomain } from '@reckon/api/machinery';
import type { resourcev1 } from '@reckon/api/types';
import { checkRequiredText, type Errors } from '../../field-checks';
import { validateConfiguration, validateSelectors, validateToleration } from './device-parts.validation';
import { checkItems, checkSet } from './list-checks';
import { checkRequestReferences, type RequestNames, requestNamesOf } from './request-names';
import { checkFullyQualifiedName, checkLabel } from './resource-names';
import type { SelectorChecker } from './selector-checker';

const mostRequests = 32;
const mostAlternatives = 8;
const mostConstraints = 32;
const mostConfigurations = 32;

/** `validateDeviceClaim`. */
export function validateDeviceClaim(
  errors: Errors,
  path: FieldPath,
  claim: resourcev1.DeviceClaim,
  check: SelectorChecker,
): void {
  const names = requestNamesOf(claim);
  checkSet(
    errors,
    path.child('requests'),
    claim.requests,
    mostRequests,
    ({ name }) => name,
    (_, requestPath, request) => {
      validateRequest(errors, requestPath, request, check);
    },
  );
  checkItems(errors, path.child('constraints'), claim.constraints, mostConstraints, (_, itemPath, constraint) => {
    validateConstraint(errors, itemPath, constraint, names);
  });
  checkItems(errors, path.child('config'), claim.config, mostConfigurations, (_, itemPath, config) => {
    checkRequestReferences(errors, itemPath.child('requests'), config.requests, names);
    validateConfiguration(errors, itemPath, config, 'new');
  });
}

function validateRequest(
  errors: Errors,
  path: FieldPath,
  request: resourcev1.DeviceRequest,
  check: SelectorChecker,
): void {
  checkLabel(errors, path.child('name'), request.name);
  const { exactly, firstAvailable = [] } = request;
  const one = 'exactly one of `exactly` or `firstAvailable` is required';
  if (exactly && firstAvailable.length > 0)
    errors.push(fieldErrors.invalid(path, undefined, `${one}, but multiple fields are set`));
  else if (exactly) validateDemand(errors, path.child('exactly'), exactly, check);
  else if (firstAvailable.length === 0) errors.push(fieldErrors.required(path, one));
  else
    checkSet(
      errors,
      path.child('firstAvailable'),
      firstAvailable,
      mostAlternatives,
      ({ name }) => name,
      (_, subPath, sub) => {
        checkLabel(errors, subPath.child('name'), sub.name);
        validateDemand(errors, subPath, sub, check);
      },
    );
}

/** What `validateExactDeviceRequest` and `validateDeviceSubRequest` share. */
function validateDemand(
  errors: Errors,
  path: FieldPath,
  demand: resourcev1.ExactDeviceRequest | resourcev1.DeviceSubRequest,
  check: SelectorChecker,
): void {
  checkRequiredText(errors, path.child('deviceClassName'), demand.deviceClassName, validateDns1123Subdomain);
  validateSelectors(errors, path.child('selectors'), demand.selectors, 'new', check);
  validateMode(errors, path, demand.allocationMode ?? '', demand.count ?? 0);
  for (const [i, toleration] of (demand.tolerations ?? []).entries())
    validateToleration(errors, path.child('tolerations').index(i), toleration);
}

function validateMode(errors: Errors, path: FieldPath, mode: string, count: number): void {
  const countPath = path.child('count');
  switch (mode) {
    case 'All':
      if (count !== 0)
        errors.push(fieldErrors.invalid(countPath, count, "must not be specified when allocationMode is 'All'"));
      break;
    case 'ExactCount':
      if (count <= 0) errors.push(fieldErrors.invalid(countPath, count, 'must be greater than zero'));
      break;
    default:
      errors.push(fieldErrors.notSupported(path.child('allocationMode'), mode, ['All', 'ExactCount']));
  }
}

function validateConstraint(
  errors: Errors,
  path: FieldPath,
  constraint: resourcev1.DeviceConstraint,
  names: RequestNames,
): void {
  checkRequestReferences(errors, path.child('requests'), constraint.requests, names);
  const { matchAttribute, distinctAttribute } = constraint;
  if (matchAttribute !== undefined) checkFullyQualifiedName(errors, path.child('matchAttribute'), matchAttribute);
  else if (distinctAttribute !== undefined)
    checkFullyQualifiedName(errors, path.child('distinctAttribute'), distinctAttribute);
  // The second half of the sentence is upstream's slip.
  else
    errors.push(
      fieldErrors.required(
        path,
        'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set',
      ),
    );
}
