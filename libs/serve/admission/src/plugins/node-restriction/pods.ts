import { goQuote, semanticEqual, statusErrors } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { admissionForbidden } from '../../admission-forbidden';
import type { ObjectReader } from '../../object-reader';
import { apiReference } from './api-reference';
import type { NodeRequest } from './node-restriction';

const pods = { group: '', resource: 'pods' };
const nodes = { group: '', resource: 'nodes' };
const mirrorAnnotation = 'kubernetes.io/config.mirror';

/** The pod as it is now. Throws NotFound with the words of upstream's lister, which names the kind. */
export function podNamed(objects: ObjectReader, namespace: string, name: string): corev1.Pod {
  const pod = objects.get<corev1.Pod>(pods, namespace, name);
  if (pod === undefined) throw statusErrors.notFound({ group: '', resource: 'pod' }, name);
  return pod;
}

export const isOn = (pod: corev1.Pod, node: string): boolean => pod.spec?.nodeName === node;

export function admitPod(request: NodeRequest): void {
  const { node, attributes, objects } = request;
  switch (attributes.operation) {
    case 'CREATE': {
      const problem = mirrorProblem(request);
      if (problem !== undefined) refuse(request, problem);
      return;
    }
    case 'DELETE':
      if (!isOn(podNamed(objects, attributes.namespace, attributes.name), node))
        refuse(request, `node ${goQuote(node)} can only delete pods with spec.nodeName set to itself`);
      return;
    default:
      refuse(
        request,
        `unexpected operation ${goQuote(attributes.operation)}, node ${goQuote(node)} can only create and delete mirror pods`,
      );
  }
}

/** Nothing but a static pod of its own, and no access to anything by way of it. */
function mirrorProblem({ node, attributes, objects }: NodeRequest): string | undefined {
  const pod = attributes.object as corev1.Pod;
  const { metadata } = pod;
  const quoted = goQuote(node);
  if (metadata.annotations?.[mirrorAnnotation] === undefined)
    return `pod does not have ${goQuote(mirrorAnnotation)} annotation, node ${quoted} can only create mirror pods`;
  if (!isOn(pod, node)) return `node ${quoted} can only create pods with spec.nodeName set to itself`;
  const problem = ownerProblem(metadata.ownerReferences ?? [], node, objects);
  if (problem !== undefined) return problem;
  const found = apiReference(pod);
  if (found === undefined) return undefined;
  return 'unknown' in found ? found.unknown : `node ${quoted} can not create pods that reference ${found.reference}`;
}

function ownerProblem(
  owners: NonNullable<corev1.Pod['metadata']['ownerReferences']>,
  node: string,
  objects: ObjectReader,
): string | undefined {
  const quoted = goQuote(node);
  const [owner] = owners;
  if (owners.length > 1) return `node ${quoted} can only create pods with a single owner reference set to itself`;
  if (owner?.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== node)
    return `node ${quoted} can only create pods with an owner reference set to itself`;
  if (owner.controller !== true)
    return `node ${quoted} can only create pods with a controller owner reference set to itself`;
  if (owner.blockOwnerDeletion === true) return `node ${quoted} must not set blockOwnerDeletion on an owner reference`;
  const own = objects.get<corev1.Node>(nodes, '', node);
  if (own === undefined) throw statusErrors.notFound({ group: '', resource: 'node' }, node);
  const { uid = '' } = own.metadata;
  return owner.uid === uid ? undefined : `node ${node} UID mismatch: expected ${owner.uid} got ${uid}`;
}

export function admitPodStatus(request: NodeRequest): void {
  const { node, attributes } = request;
  if (attributes.operation !== 'UPDATE') refuse(request, `unexpected operation ${goQuote(attributes.operation)}`);
  const old = attributes.oldObject as corev1.Pod;
  const pod = attributes.object as corev1.Pod;
  const quoted = goQuote(node);
  if (!isOn(old, node))
    refuse(request, `node ${quoted} can only update pod status for pods with spec.nodeName set to itself`);
  if (!semanticEqual(old.metadata.labels ?? {}, pod.metadata.labels ?? {}))
    refuse(request, `node ${quoted} cannot update labels through pod status`);
  if (!semanticEqual(old.status?.resourceClaimStatuses, pod.status?.resourceClaimStatuses))
    refuse(request, `node ${quoted} cannot update resource claim statues`);
  if (!semanticEqual(old.status?.extendedResourceClaimStatus, pod.status?.extendedResourceClaimStatus))
    refuse(request, `node ${quoted} cannot update extended resource claim status`);
}

export function admitPodEviction(request: NodeRequest): void {
  const { node, attributes, objects } = request;
  if (attributes.operation !== 'CREATE') refuse(request, `unexpected operation ${attributes.operation}`);
  const name = attributes.name === '' ? (attributes.object?.metadata.name ?? '') : attributes.name;
  if (name === '') refuse(request, 'could not determine pod from request data');
  if (!isOn(podNamed(objects, attributes.namespace, name), node))
    refuse(request, `node ${node} can only evict pods with spec.nodeName set to itself`);
}

function refuse({ attributes }: NodeRequest, why: string): never {
  throw admissionForbidden(attributes, why);
}
