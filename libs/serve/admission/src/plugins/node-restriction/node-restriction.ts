import { goQuote } from '@reckon/api/machinery';
import { type Authorizer, nodeIdentity } from '@reckon/serve/authz';
import { admissionForbidden } from '../../admission-forbidden';
import type { ObjectReader } from '../../object-reader';
import type { AdmissionAttributes, AdmissionPlugin } from '../../plugin';
import { admitClaim } from './claims';
import { admitNode } from './nodes';
import { admitCsiNode, admitLease, admitResourceSlice } from './own-objects';
import { admitPod, admitPodEviction, admitPodStatus } from './pods';
import { admitToken } from './tokens';

export interface NodeRestrictionParts {
  readonly objects: ObjectReader;
  /** Says which further token audiences a node may ask for; absent: none. */
  readonly authorizer?: Pick<Authorizer, 'authorize'>;
}

/** One request of a node that is known by name. */
export interface NodeRequest extends NodeRestrictionParts {
  readonly node: string;
  readonly attributes: AdmissionAttributes;
}

type Rule = (request: NodeRequest) => void | Promise<void>;

/** What the Node authorizer cannot see, since it decides before the body is read: by `group/resource`. */
const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['/pods', admitPods],
  ['/nodes', admitNode],
  ['/persistentvolumeclaims', admitClaim],
  ['/serviceaccounts', admitToken],
  ['coordination.k8s.io/leases', admitLease],
  ['storage.k8s.io/csinodes', admitCsiNode],
  ['resource.k8s.io/resourceslices', admitResourceSlice],
]);

/** A kubelet writes its own Node and the pods bound to it, nothing else (plugin/pkg/admission/noderestriction). */
export function nodeRestriction(parts: NodeRestrictionParts): AdmissionPlugin {
  return {
    name: 'NodeRestriction',
    handles: (operation) => operation !== 'CONNECT',
    admit(attributes) {
      const { user } = attributes.ctx;
      const node = nodeIdentity(user);
      if (node === undefined) return;
      if (node === '') throw admissionForbidden(attributes, `could not determine node from user ${goQuote(user.name)}`);
      return rules.get(`${attributes.row.group}/${attributes.row.resource}`)?.({ ...parts, node, attributes });
    },
  };
}

function admitPods(request: NodeRequest): void {
  const { subresource } = request.attributes;
  switch (subresource) {
    case '':
      admitPod(request);
      return;
    case 'status':
      admitPodStatus(request);
      return;
    case 'eviction':
      admitPodEviction(request);
      return;
    default:
      throw admissionForbidden(
        request.attributes,
        `unexpected pod subresource ${goQuote(subresource)}, only 'status' and 'eviction' are allowed`,
      );
  }
}
