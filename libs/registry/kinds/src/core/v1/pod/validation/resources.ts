import {
  FieldError,
  type FieldPath,
  fieldErrors,
  isZeroQuantity,
  parseQuantity,
  quantityValue,
  validateDns1123Label,
} from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { checkText, type Errors } from '../../../../field-checks';
import {
  checkContainerResourceName,
  checkResourceName,
  checkResourceQuantity,
  compareQuantityTexts,
} from '../../resource-checks';
import { hugePageSize, isHugePages, isOvercommitAllowed, isPodLevel } from '../../resource-names';
import type { PodContext } from './pod-context';

type NameCheck = (errors: Errors, path: FieldPath, name: string) => void;

const podLevelNames = ['cpu', 'hugepages-', 'memory'];

export const checkPodResourceName: NameCheck = (errors, path, name) => {
  if (checkResourceName(errors, path, name) && !isPodLevel(name))
    errors.push(fieldErrors.notSupported(path, name, podLevelNames));
};

/** `validateResourceRequirements`: names, quantities, and requests within limits. */
export function validateResources(
  errors: Errors,
  path: FieldPath,
  resources: corev1.ResourceRequirements,
  context: Pick<PodContext, 'claimNames' | 'tolerated'>,
  checkName: NameCheck = checkContainerResourceName,
): void {
  const limits = resources.limits ?? {};
  const requests = resources.requests ?? {};
  let computing = false;
  let hugePages = false;
  const checkOne = (listPath: FieldPath, name: string, quantity: string): void => {
    // Names that need no path to be found good: nearly all there are.
    if (name === 'cpu' || name === 'memory') {
      computing = true;
      if (quantity.startsWith('-')) checkResourceQuantity(errors, listPath.key(name), name, quantity);
      return;
    }
    const namePath = listPath.key(name);
    checkName(errors, namePath, name);
    checkResourceQuantity(errors, namePath, name, quantity);
  };
  const checkHugePages = (listPath: FieldPath, name: string, quantity: string): void => {
    hugePages = true;
    if (!context.tolerated.indivisibleHugePages && !isWholePages(name, quantity))
      errors.push(
        fieldErrors.invalid(listPath.key(name), quantity, `${quantity} is not positive integer multiple of ${name}`),
      );
  };
  const limitsPath = path.child('limits');
  const requestsPath = path.child('requests');
  for (const name of Object.keys(limits)) {
    const quantity = limits[name] ?? '0';
    checkOne(limitsPath, name, quantity);
    if (isHugePages(name)) checkHugePages(limitsPath, name, quantity);
  }
  for (const name of Object.keys(requests)) {
    const quantity = requests[name] ?? '0';
    checkOne(requestsPath, name, quantity);
    if (Object.hasOwn(limits, name)) {
      const limit = limits[name] ?? '0';
      const difference = compareQuantityTexts(quantity, limit);
      if (difference !== 0 && !isOvercommitAllowed(name))
        errors.push(fieldErrors.invalid(requestsPath, quantity, `must be equal to ${name} limit of ${limit}`));
      else if (difference > 0)
        errors.push(
          fieldErrors.invalid(requestsPath, quantity, `must be less than or equal to ${name} limit of ${limit}`),
        );
    } else if (!isOvercommitAllowed(name))
      errors.push(fieldErrors.required(limitsPath, 'Limit must be set for non overcommitable resources'));
    if (isHugePages(name)) checkHugePages(requestsPath, name, quantity);
  }
  if (hugePages && !computing) errors.push(fieldErrors.forbidden(path, 'HugePages require cpu or memory'));
  if (resources.claims) validateClaims(errors, path.child('claims'), resources.claims, context.claimNames);
}

/** `2Mi` pages come in multiples of 2Mi. */
export function isWholePages(name: string, quantity: string): boolean {
  let page: bigint;
  try {
    page = quantityValue(parseQuantity(hugePageSize(name)));
  } catch {
    // The size in the name is no quantity, so nothing is a multiple of it.
    return false;
  }
  const parsed = parseQuantity(quantity);
  return isZeroQuantity(parsed) || (page > 0n && quantityValue(parsed) % page === 0n);
}

/** `validateResourceClaimNames`: each claim once, as a whole or request by request, and known to the pod. */
function validateClaims(
  errors: Errors,
  path: FieldPath,
  claims: readonly corev1.ResourceClaim[],
  known: ReadonlySet<string>,
): void {
  const seen = new Set<string>();
  for (const [index, { name, request }] of claims.entries()) {
    const claimPath = path.index(index);
    if (!name) {
      errors.push(fieldErrors.required(claimPath));
      continue;
    }
    if (seen.has(name)) errors.push(fieldErrors.duplicate(claimPath, name));
    else {
      if (request) checkText(errors, claimPath.child('request'), request, validateDns1123Label);
      const key = request ? `${name}/${request}` : name;
      if (seen.has(key)) errors.push(fieldErrors.duplicate(claimPath, key));
      else if (!request)
        for (const other of seen) if (other.startsWith(`${name}/`)) errors.push(fieldErrors.duplicate(claimPath, name));
      seen.add(key);
    }
    if (!known.has(name)) {
      const missing = fieldErrors.notFound(claimPath, name);
      const among = known.size === 0 ? ' which is empty' : `: ${[...known].sort().join(', ')}`;
      errors.push(
        new FieldError(
          missing.type,
          missing.field,
          `${missing.body()}: must be one of the names in pod.spec.resourceClaims${among}`,
        ),
      );
    }
  }
}
