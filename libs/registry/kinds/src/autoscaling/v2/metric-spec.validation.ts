import { type FieldPath, fieldErrors, parseQuantity, quantitySign, validateDns1123Label } from '@reckon/api/machinery';
import type { autoscalingv2 } from '@reckon/api/types';
import { checkResourceName } from '../../core/v1/resource-checks';
import { isContainerResource } from '../../core/v1/resource-names';
import { checkText, type Errors } from '../../field-checks';
import { type ReferenceRules, validateReference } from './object-reference.validation';
import { pathSegmentRule } from './path-segment';

/** Where a metric comes from, by its type; in this order they are looked for. */
const sources = {
  Object: 'object',
  External: 'external',
  Pods: 'pods',
  Resource: 'resource',
  ContainerResource: 'containerResource',
} as const;
const types = Object.keys(sources).sort();

/** validateMetricSpec. */
export function validateMetricSpec(
  errors: Errors,
  metric: autoscalingv2.MetricSpec,
  path: FieldPath,
  rules: ReferenceRules,
): void {
  const typePath = path.child('type');
  const isKnown = Object.hasOwn(sources, metric.type);
  const expected = isKnown ? sources[metric.type as keyof typeof sources] : undefined;
  if (!metric.type) errors.push(fieldErrors.required(typePath, 'must specify a metric source type'));
  if (!isKnown) errors.push(fieldErrors.notSupported(typePath, metric.type, types));
  const present = Object.values(sources).filter((source) => metric[source] !== undefined);
  // Only the first is looked at closely; the others should not be there.
  validateSource(errors, metric, present[0], path, rules);
  if (expected === undefined) errors.push(fieldErrors.notSupported(typePath, metric.type, types));
  else if (metric[expected] === undefined)
    errors.push(fieldErrors.required(path.child(expected), 'must populate information for the given metric source'));
  if (present.length === 1) return;
  for (const source of present)
    if (source !== expected)
      errors.push(fieldErrors.forbidden(path.child(source), 'must populate the given metric source only'));
}

function validateSource(
  errors: Errors,
  { object, external, pods, resource, containerResource }: autoscalingv2.MetricSpec,
  source: (typeof sources)[keyof typeof sources] | undefined,
  path: FieldPath,
  rules: ReferenceRules,
): void {
  if (source === undefined) return;
  const at = path.child(source);
  const target = at.child('target');
  if (source === 'object' && object) {
    validateReference(errors, object.describedObject, at.child('describedObject'), rules);
    validateNamed(errors, object, at);
    if (object.target.value === undefined && object.target.averageValue === undefined)
      errors.push(fieldErrors.required(target.child('averageValue'), 'must set either a target value or averageValue'));
  }
  if (source === 'external' && external) {
    validateNamed(errors, external, at);
    validateExternalTarget(errors, external.target, target);
  }
  if (source === 'pods' && pods) {
    validateNamed(errors, pods, at);
    if (pods.target.averageValue === undefined)
      errors.push(fieldErrors.required(target.child('averageValue'), 'must specify a positive target averageValue'));
  }
  if (source === 'resource' && resource) {
    if (!resource.name) errors.push(fieldErrors.required(at.child('name'), 'must specify a resource name'));
    validateResourceTarget(errors, resource.target, target);
  }
  if (source === 'containerResource' && containerResource) {
    validateContainerResource(errors, containerResource, at);
    validateResourceTarget(errors, containerResource.target, target);
  }
}

function validateExternalTarget(
  errors: Errors,
  { value, averageValue }: autoscalingv2.MetricTarget,
  path: FieldPath,
): void {
  if (value === undefined && averageValue === undefined)
    errors.push(
      fieldErrors.required(path.child('averageValue'), 'must set either a target value for metric or a per-pod target'),
    );
  if (value !== undefined && averageValue !== undefined)
    errors.push(
      fieldErrors.forbidden(path.child('value'), 'may not set both a target value for metric and a per-pod target'),
    );
}

function validateResourceTarget(errors: Errors, target: autoscalingv2.MetricTarget, path: FieldPath): void {
  validateTarget(errors, target, path);
  const { averageUtilization, averageValue } = target;
  if (averageUtilization === undefined && averageValue === undefined)
    errors.push(
      fieldErrors.required(
        path.child('averageUtilization'),
        'must set either a target raw value or a target utilization',
      ),
    );
  if (averageUtilization !== undefined && averageValue !== undefined)
    errors.push(
      fieldErrors.forbidden(path.child('averageValue'), 'may not set both a target raw value and a target utilization'),
    );
}

function validateContainerResource(
  errors: Errors,
  { name, container }: autoscalingv2.ContainerResourceMetricSource,
  path: FieldPath,
): void {
  const namePath = path.child('name');
  if (!name) errors.push(fieldErrors.required(namePath, 'must specify a resource name'));
  else {
    checkResourceName(errors, namePath, name);
    if (!name.includes('/') && !isContainerResource(name))
      errors.push(fieldErrors.invalid(namePath, name, 'must be a standard resource for containers'));
  }
  const containerPath = path.child('container');
  if (!container) errors.push(fieldErrors.required(containerPath, 'must specify a container'));
  else checkText(errors, containerPath, container, validateDns1123Label);
}

interface Named {
  readonly metric: autoscalingv2.MetricIdentifier;
  readonly target: autoscalingv2.MetricTarget;
}

function validateNamed(errors: Errors, { metric, target }: Named, path: FieldPath): void {
  const namePath = path.child('metric', 'name');
  if (!metric.name) errors.push(fieldErrors.required(namePath, 'must specify a metric name'));
  else checkText(errors, namePath, metric.name, pathSegmentRule);
  validateTarget(errors, target, path.child('target'));
}

/** validateMetricTarget. */
function validateTarget(errors: Errors, target: autoscalingv2.MetricTarget, path: FieldPath): void {
  const { type, averageUtilization } = target;
  const typePath = path.child('type');
  if (!type) errors.push(fieldErrors.required(typePath, 'must specify a metric target type'));
  if (!['Utilization', 'Value', 'AverageValue'].includes(type))
    errors.push(fieldErrors.invalid(typePath, type, 'must be either Utilization, Value, or AverageValue'));
  for (const field of ['value', 'averageValue'] as const) {
    const quantity = target[field];
    if (quantity !== undefined && quantitySign(parseQuantity(quantity)) !== 1)
      errors.push(fieldErrors.invalid(path.child(field), quantity, 'must be positive'));
  }
  if (averageUtilization !== undefined && averageUtilization < 1)
    errors.push(fieldErrors.invalid(path.child('averageUtilization'), averageUtilization, 'must be greater than 0'));
}
