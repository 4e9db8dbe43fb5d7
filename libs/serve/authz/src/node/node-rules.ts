import type { AuthzAttributes } from '../authorizer';
import { type NodeGraph, vertexKey } from './node-graph';

interface Asked {
  readonly node: string;
  readonly attributes: AuthzAttributes;
  readonly graph: NodeGraph;
}

/** Undefined: allowed. Else why not; '' where upstream gives no reason. */
type NodeRule = (asked: Asked) => string | undefined;

const leaseNamespace = 'kube-node-lease';
const ownVerbs = ['get', 'create', 'update', 'patch', 'delete'];

/** Whether something on the node needs the object. */
const related: NodeRule = ({ node, attributes: { resource, namespace, name }, graph }) => {
  if (name === '') return 'No Object name found';
  return graph.reaches(vertexKey(resource, namespace, name), node)
    ? undefined
    : `no relationship found between node '${node}' and this object`;
};

const get: NodeRule = (asked) => {
  if (asked.attributes.verb !== 'get') return 'can only get individual resources of this type';
  return asked.attributes.subresource === '' ? related(asked) : 'cannot get subresource';
};

/** List and watch too, of a single object by its name. */
const readOne: NodeRule = (asked) => {
  const { verb, subresource, namespace } = asked.attributes;
  if (!isRead(verb)) return 'can only read resources of this type';
  if (subresource !== '') return 'cannot read subresource';
  return namespace === '' ? 'can only read namespaced object of this type' : related(asked);
};

const claims: NodeRule = (asked) => {
  const { verb, subresource } = asked.attributes;
  if (subresource !== 'status') return get(asked);
  return verb === 'update' || verb === 'patch' ? related(asked) : 'can only get/update/patch this type';
};

const serviceAccounts: NodeRule = (asked) => {
  const { verb, subresource, name } = asked.attributes;
  if (verb === 'get' && subresource === '') return get(asked);
  if (verb !== 'create' || name === '') return 'can only create tokens for individual service accounts';
  return subresource === 'token' ? related(asked) : 'can only create token subresource of serviceaccount';
};

// Of what is created the name is not known yet: the admission plugin NodeRestriction sees to that.
const leases: NodeRule = ({ node, attributes: { verb, namespace, name } }) => {
  if (!ownVerbs.includes(verb)) return 'can only get, create, update, patch, or delete a node lease';
  if (namespace !== leaseNamespace) return `can only access leases in the "${leaseNamespace}" system namespace`;
  return verb === 'create' || name === node
    ? undefined
    : 'can only access node lease with the same name as the requesting node';
};

const csiNodes: NodeRule = ({ node, attributes: { verb, subresource, name } }) => {
  if (!ownVerbs.includes(verb)) return 'can only get, create, update, patch, or delete a CSINode';
  if (subresource !== '') return 'cannot authorize CSINode subresources';
  return verb === 'create' || name === node
    ? undefined
    : 'can only access CSINode with the same name as the requesting node';
};

const resourceSlices: NodeRule = (asked) => {
  const { verb, subresource } = asked.attributes;
  if (subresource !== '') return 'cannot authorize ResourceSlice subresources';
  switch (verb) {
    case 'create':
      return undefined;
    case 'get':
    case 'update':
    case 'patch':
    case 'delete':
      return related(asked);
    case 'watch':
    case 'list':
    case 'deletecollection':
      return selects(asked, 'nodeName')
        ? undefined
        : 'can only list/watch/deletecollection resourceslices with nodeName field selector';
    default:
      return 'only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, delete, deletecollection';
  }
};

// Writes of nodes and pods are limited to the node's own by NodeRestriction.
const nodes: NodeRule = ({ node, attributes: { verb, subresource, name } }) => {
  if (subresource === 'status') return isUpdate(verb) ? undefined : '';
  if (subresource !== '') return '';
  if (verb === 'create' || isUpdate(verb)) return undefined;
  if (!isRead(verb)) return '';
  if (name === node) return undefined;
  return name === ''
    ? `node '${node}' cannot read all nodes, only its own Node object`
    : `node '${node}' cannot read '${name}', only its own Node object`;
};

const pods: NodeRule = (asked) => {
  const { verb, subresource, name } = asked.attributes;
  switch (subresource) {
    case '':
      if (verb === 'get') return get(asked);
      if (verb === 'create' || verb === 'delete') return undefined;
      if (!isRead(verb)) return '';
      if (selects(asked, 'spec.nodeName')) return undefined;
      return name === '' ? 'can only list/watch pods with spec.nodeName field selector' : related(asked);
    case 'status':
      return isUpdate(verb) ? undefined : '';
    case 'eviction':
      return verb === 'create' ? undefined : '';
    default:
      return '';
  }
};

/** Resources, by `group/resource`, of which a node has rights that the rules of `system:node` cannot express. */
export const resourceRules: ReadonlyMap<string, NodeRule> = new Map([
  ['/secrets', readOne],
  ['/configmaps', readOne],
  ['/persistentvolumeclaims', claims],
  ['/persistentvolumes', get],
  ['/serviceaccounts', serviceAccounts],
  ['/nodes', nodes],
  ['/pods', pods],
  ['coordination.k8s.io/leases', leases],
  ['storage.k8s.io/volumeattachments', get],
  ['storage.k8s.io/csinodes', csiNodes],
  ['resource.k8s.io/resourceclaims', get],
  ['resource.k8s.io/resourceslices', resourceSlices],
]);

const isRead = (verb: string): boolean => verb === 'get' || verb === 'list' || verb === 'watch';
const isUpdate = (verb: string): boolean => verb === 'update' || verb === 'patch';

/** Whether only what is of this node is asked for. */
const selects = ({ node, attributes }: Asked, field: string): boolean =>
  attributes.fieldSelector?.some((r) => r.field === field && r.operator === '=' && r.value === node) === true;
