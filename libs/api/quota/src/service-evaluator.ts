import { quantityOf } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Amounts } from './amounts';
import { type Evaluator, countName, onChange, one } from './evaluator';

const kind = { group: '', resource: 'services' } as const;
const countedAs = countName(kind);
const names = [countedAs, 'services', 'services.nodeports', 'services.loadbalancers'];

/** Services, and what the dearer types of them take (pkg/quota/v1/evaluator/core). */
export const serviceEvaluator: Evaluator = {
  ...kind,
  measures: (name) => names.includes(name),
  isInScope: () => false,
  charges: onChange,
  usage: (object) => usage(object),
};

function usage({ spec }: corev1.Service): Amounts {
  return new Map([
    [countedAs, one],
    ['services', one],
    ['services.loadbalancers', quantityOf(spec?.type === 'LoadBalancer' ? 1 : 0)],
    ['services.nodeports', quantityOf(nodePorts(spec))],
  ]);
}

/** Ports of a new load balancer have no node port yet: what it is going to get counts. */
function nodePorts(spec: corev1.ServiceSpec | undefined): number {
  const ports = spec?.ports ?? [];
  if (spec?.type === 'NodePort') return ports.length;
  if (spec?.type !== 'LoadBalancer') return 0;
  return spec.allocateLoadBalancerNodePorts === false
    ? ports.filter(({ nodePort = 0 }) => nodePort !== 0).length
    : ports.length;
}
