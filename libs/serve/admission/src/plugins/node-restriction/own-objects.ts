import type { resourcev1 } from '@reckon/api/types';
import { admissionForbidden } from '../../admission-forbidden';
import type { NodeRequest } from './node-restriction';

const leaseNamespace = 'kube-node-lease';

/** The Lease by which it shows that it lives. */
export function admitLease(request: NodeRequest): void {
  const { attributes } = request;
  if (attributes.namespace !== leaseNamespace)
    throw admissionForbidden(attributes, `can only access leases in the "${leaseNamespace}" system namespace`);
  demandOwnName(request, 'can only access node lease with the same name as the requesting node');
}

export function admitCsiNode(request: NodeRequest): void {
  demandOwnName(request, 'can only access CSINode with the same name as the requesting node');
}

function demandOwnName({ node, attributes }: NodeRequest, why: string): void {
  const { operation, object, name } = attributes;
  const asked = operation === 'CREATE' ? object?.metadata.name : name;
  if (asked !== node) throw admissionForbidden(attributes, why);
}

/** Of an update the authorizer knows enough. */
export function admitResourceSlice({ node, attributes }: NodeRequest): void {
  const { operation, object, oldObject } = attributes;
  const verb = operation === 'CREATE' ? 'create' : 'delete';
  const slice = (operation === 'CREATE' ? object : oldObject) as resourcev1.ResourceSlice | undefined;
  if (operation !== 'UPDATE' && slice?.spec.nodeName !== node)
    throw admissionForbidden(
      attributes,
      `can only ${verb} ResourceSlice with the same NodeName as the requesting node`,
    );
}
