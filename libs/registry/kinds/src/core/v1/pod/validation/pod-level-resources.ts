import { type FieldPath, fieldErrors } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Errors } from '../../../../field-checks';
import { compareQuantityTexts } from '../../resource-checks';
import { isHugePages } from '../../resource-names';
import { aggregateResources } from '../container-totals';
import type { PodContext } from './pod-context';
import { checkPodResourceName, validateResources } from './resources';

/** `validatePodResources`: what the pod asks for as a whole covers what its containers ask for. */
export function validatePodLevelResources(
  errors: Errors,
  path: FieldPath,
  spec: corev1.PodSpec,
  context: PodContext,
): void {
  const resources = spec.resources ?? {};
  if (spec.os?.name === 'windows') {
    errors.push(fieldErrors.forbidden(path, 'may not be set for a windows pod'));
    return;
  }
  if (resources.claims !== undefined)
    errors.push(fieldErrors.forbidden(path.child('claims'), 'claims cannot be set for Resources at pod-level'));
  validateResources(errors, path, resources, context, checkPodResourceName);
  const requests = resources.requests ?? {};
  const totals = aggregateResources(spec, 'requests');
  for (const name of Object.keys(totals)) {
    // What a pod as a whole does not ask for is asked for by its containers alone.
    if (!Object.hasOwn(requests, name)) continue;
    const total = totals[name] ?? '0';
    const request = requests[name] ?? '0';
    if (compareQuantityTexts(total, request) > 0)
      errors.push(
        fieldErrors.invalid(
          path.child('requests').key(name),
          request,
          `must be greater than or equal to aggregate container requests of ${total}`,
        ),
      );
  }
  const limits = resources.limits ?? {};
  checkHugePageLimits(errors, path.child('limits'), spec, limits);
  for (const [index, container] of (spec.containers ?? []).entries()) {
    const own = container.resources?.limits ?? {};
    for (const name of Object.keys(own)) {
      if (!Object.hasOwn(limits, name)) continue;
      const limit = own[name] ?? '0';
      if (compareQuantityTexts(limit, limits[name] ?? '0') > 0)
        errors.push(
          fieldErrors.invalid(
            path.child('containers').index(index).key(name).child('limits'),
            limit,
            `must be less than or equal to pod limits of ${limits[name] ?? '0'}`,
          ),
        );
    }
  }
}

/** Huge pages are never overcommitted, so limits add up where those of CPU and memory need not. */
function checkHugePageLimits(
  errors: Errors,
  path: FieldPath,
  spec: corev1.PodSpec,
  limits: Readonly<Record<string, string>>,
): void {
  const names = Object.keys(limits).filter(isHugePages);
  if (names.length === 0) return;
  const totals = aggregateResources(spec, 'limits');
  for (const name of names) {
    const total = totals[name] ?? '0';
    const limit = limits[name] ?? '0';
    if (compareQuantityTexts(total, limit) > 0)
      errors.push(
        fieldErrors.invalid(
          path.key(name),
          limit,
          `must be greater than or equal to aggregate container limits of ${total}`,
        ),
      );
  }
}
