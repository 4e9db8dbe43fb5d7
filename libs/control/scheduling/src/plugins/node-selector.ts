import type { corev1 } from '@reckon/api/types';
import { requiredNodeMatches } from '@reckon/control/runtime';
import type { NodeInfo } from '../cache/node-info';

export { requiredNodeMatches, termMatches } from '@reckon/control/runtime';

export const requiredNodeFits = (spec: corev1.PodSpec | undefined, node: NodeInfo): boolean =>
  requiredNodeMatches(spec, node.name, node.labels);
