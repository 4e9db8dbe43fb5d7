import type { GroupResource } from '@reckon/api/machinery';
import { type Evaluator, objectCountEvaluator } from './evaluator';
import { podEvaluator } from './pod-evaluator';
import { resourceClaimEvaluator } from './resource-claim-evaluator';
import { serviceEvaluator } from './service-evaluator';
import { volumeClaimEvaluator } from './volume-claim-evaluator';

/** Kinds that could be counted before all could. */
const aliased = ['configmaps', 'resourcequotas', 'replicationcontrollers', 'secrets'];

/** Kinds of which more than `count/…` can be said. */
export const builtinEvaluators: readonly Evaluator[] = [
  podEvaluator,
  serviceEvaluator,
  volumeClaimEvaluator,
  resourceClaimEvaluator,
  ...aliased.map((resource) => objectCountEvaluator({ group: '', resource }, resource)),
];

/** Events are not counted, however many there are; nor is what is asked and not stored. */
const uncounted: ReadonlySet<string> = new Set([
  '/events',
  'events.k8s.io/events',
  '/bindings',
  '/componentstatuses',
  'authentication.k8s.io/tokenreviews',
  'authentication.k8s.io/selfsubjectreviews',
  'authorization.k8s.io/subjectaccessreviews',
  'authorization.k8s.io/selfsubjectaccessreviews',
  'authorization.k8s.io/localsubjectaccessreviews',
  'authorization.k8s.io/selfsubjectrulesreviews',
]);

/** Of any kind; undefined for those that no quota counts. */
export function evaluatorOf({ group, resource }: GroupResource): Evaluator | undefined {
  if (uncounted.has(`${group}/${resource}`)) return undefined;
  return (
    builtinEvaluators.find((e) => e.group === group && e.resource === resource) ??
    objectCountEvaluator({ group, resource })
  );
}
