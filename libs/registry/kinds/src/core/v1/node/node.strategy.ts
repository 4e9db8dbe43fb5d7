import { fieldPath } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { cidrWarnings } from '../../../networking/v1/ip-format';
import { keepSpec, keepStatus } from '../../../status-keeping';
import { roundResourceList } from '../resource-list';
import { validateNode, validateNodeUpdate } from './node.validation';

function setNodeDefaults(node: corev1.Node): void {
  linkPodCidrs((node.spec ??= {}));
  const status = (node.status ??= {});
  roundResourceList(status.capacity);
  roundResourceList(status.allocatable);
  if (status.allocatable === undefined && status.capacity !== undefined) status.allocatable = { ...status.capacity };
}

/** `podCIDR` is the older name of `podCIDRs[0]`; where they disagree, the older one is meant (conversion of v1.NodeSpec). */
function linkPodCidrs(spec: corev1.NodeSpec): void {
  if (spec.podCIDR && spec.podCIDR !== spec.podCIDRs?.[0]) spec.podCIDRs = [spec.podCIDR];
  const first = spec.podCIDRs?.[0];
  if (first !== undefined && spec.podCIDR !== first) spec.podCIDR = first;
}

/** Nodes are the one kind whose status may be set on create: a kubelet registers itself in one request. */
export const nodeStrategy: Strategy<corev1.Node> = {
  defaults: setNodeDefaults,
  validate: (_ctx, node) => validateNode([], node),
  warningsOnCreate: (_ctx, node) => nodeWarnings(node),
  prepareForUpdate: (_ctx, node, old) => keepStatus(node, old),
  validateUpdate: (_ctx, node, old) => validateNodeUpdate(validateNode([], node), node, old),
  warningsOnUpdate: (_ctx, node) => nodeWarnings(node),
};

/** Fields that nothing reads any more (fieldIsDeprecatedWarnings in pkg/registry/core/node). */
function nodeWarnings(node: corev1.Node): string[] {
  const warnings: string[] = [];
  if (node.spec?.configSource)
    warnings.push('spec.configSource: the spec.configSource field is deprecated since v1.22 and removed in v1.26');
  for (const [index, cidr] of (node.spec?.podCIDRs ?? []).entries())
    warnings.push(...cidrWarnings(fieldPath('spec', 'podCIDRs').index(index), cidr));
  if (node.spec?.externalID) warnings.push('spec.externalID: this field is deprecated, and is unused by Kubernetes');
  return warnings;
}

export const nodeStatusStrategy: Strategy<corev1.Node> = {
  defaults: setNodeDefaults,
  prepareForUpdate: (_ctx, node, old) => keepSpec(node, old),
  validateUpdate: (_ctx, node, old) => validateNodeUpdate([], node, old),
};
