import { type FieldPath, fieldErrors } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Errors } from '../../../../field-checks';
import { compareQuantityTexts } from '../../resource-checks';
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
  if (resources.claims !== undefined)
    errors.push(fieldErrors.forbidden(path.child('claims'), 'claims cannot be set for Resources at pod-level'));
  validateResources(errors, path, resources, context, checkPodResourceName);
  const requests = resources.requests ?? {};
  const totals = aggregateResources(spec, 'requests');
  for (const name of Object.keys(totals)) {
    const total = totals[name] ?? '0';
    const request = Object.hasOwn(requests, name) ? (requests[name] ?? '0') : '0';
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
