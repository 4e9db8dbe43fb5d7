import { goQuote, semanticEqual } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { admissionForbidden } from '../../admission-forbidden';
import { forbiddenLabels } from './node-labels';
import type { NodeRequest } from './node-restriction';

/** Its own Node, but nothing in it that would draw pods to it. */
export function admitNode({ node, attributes }: NodeRequest): void {
  const problem = nodeProblem(node, attributes.name, attributes.object, {
    operation: attributes.operation,
    old: attributes.oldObject,
  });
  if (problem !== undefined) throw admissionForbidden(attributes, problem);
}

function nodeProblem(
  node: string,
  name: string,
  object: corev1.Node | undefined,
  { operation, old }: { readonly operation: string; readonly old: corev1.Node | undefined },
): string | undefined {
  const quoted = goQuote(node);
  if (name !== node) return `node ${quoted} is not allowed to modify node ${goQuote(name)}`;
  if (operation === 'CREATE') {
    if (object?.spec?.configSource !== undefined)
      return `node ${quoted} is not allowed to create pods with a non-nil configSource`;
    const labels = forbiddenLabels(object?.metadata.labels);
    return labels.length === 0
      ? undefined
      : `node ${quoted} is not allowed to set the following labels: ${labels.join(', ')}`;
  }
  if (operation !== 'UPDATE') return undefined;
  const source = object?.spec?.configSource;
  if (source !== undefined && !semanticEqual(source, old?.spec?.configSource))
    return `node ${quoted} is not allowed to update configSource to a new non-nil configSource`;
  if (!semanticEqual(object?.spec?.taints, old?.spec?.taints)) return `node ${quoted} is not allowed to modify taints`;
  if (!semanticEqual(object?.metadata.ownerReferences, old?.metadata.ownerReferences))
    return `node ${quoted} is not allowed to modify ownerReferences`;
  const labels = forbiddenLabels(object?.metadata.labels, old?.metadata.labels);
  return labels.length === 0 ? undefined : `is not allowed to modify labels: ${labels.join(', ')}`;
}
