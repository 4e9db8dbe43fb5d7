import { goQuote, semanticEqual } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { admissionForbidden } from '../../admission-forbidden';
import type { NodeRequest } from './node-restriction';

type Claim = corev1.PersistentVolumeClaim;

/** A kubelet that grows a volume tells how far it is, and nothing else. */
export function admitClaim({ node, attributes }: NodeRequest): void {
  const { subresource, operation, object, oldObject } = attributes;
  if (subresource !== 'status') throw admissionForbidden(attributes, 'may only update PVC status');
  if (operation !== 'UPDATE') throw admissionForbidden(attributes, `unexpected operation ${goQuote(operation)}`);
  const [before, after] = [fixed(oldObject as Claim), fixed(object as Claim)];
  const changed = Object.keys(after).filter((part) => !semanticEqual(before[part], after[part]));
  if (changed.length > 0)
    throw admissionForbidden(
      attributes,
      `node ${goQuote(node)} is not allowed to update fields other than status.quantity and status.conditions: ${changed.join(', ')}`,
    );
}

/** Its parts, without what a kubelet may change. */
function fixed({ metadata, spec, status }: Claim): Readonly<Record<string, unknown>> {
  return {
    metadata: { ...metadata, resourceVersion: '', managedFields: undefined },
    spec,
    status: {
      ...status,
      capacity: undefined,
      conditions: undefined,
      allocatedResources: undefined,
      allocatedResourceStatuses: undefined,
    },
  };
}
