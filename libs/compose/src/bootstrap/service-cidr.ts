import { type KubeObject, type ManagedFieldsEntry, cidrText, parseCidr, timeText } from '@reckon/api/machinery';
import type { Random } from '@reckon/kernel';
import type { RequestContext } from '@reckon/registry/generic';
import { type Change, type Storage, noRevision } from '@reckon/store/contract';

const group = 'networking.k8s.io';
const apiVersion = `${group}/v1`;
const finalizer = 'networking.k8s.io/service-cidr-finalizer';

/**
 * The networks that the server was started with, as an object (pkg/controlplane/controller/defaultservicecidr): ready from the first
 * moment, since services get addresses of them from the first moment. One that is there stays as it is.
 */
export function serviceCidrChanges(parts: {
  readonly storage: Storage;
  readonly ctx: RequestContext;
  readonly random: Random;
  readonly cidrs: readonly string[];
}): Change[] {
  const key = { group, resource: 'servicecidrs', namespace: '', name: 'kubernetes' };
  if (parts.cidrs.length === 0 || parts.storage.newest(key) !== undefined) return [];
  const time = timeText(parts.ctx.nowMs);
  const by = (manager: string, operation: string, fieldsV1: object): ManagedFieldsEntry => ({
    manager,
    operation,
    apiVersion,
    time,
    fieldsType: 'FieldsV1',
    fieldsV1: fieldsV1 as NonNullable<ManagedFieldsEntry['fieldsV1']>,
    ...(operation === 'Apply' ? { subresource: 'status' } : {}),
  });
  const object: KubeObject = {
    kind: 'ServiceCIDR',
    apiVersion,
    metadata: {
      name: key.name,
      uid: parts.random.uuid(),
      resourceVersion: '',
      creationTimestamp: time,
      finalizers: [finalizer],
      // Upstream the object comes about in four steps, by as many hands.
      managedFields: [
        by('kubernetes-service-cidr-controller', 'Apply', ready({})),
        by('service-cidr-controller', 'Apply', ready({ 'f:lastTransitionTime': {}, 'f:message': {}, 'f:reason': {} })),
        by('kube-apiserver', 'Update', { 'f:spec': { 'f:cidrs': {} } }),
        by('kube-controller-manager', 'Update', {
          'f:metadata': { 'f:finalizers': { '.': {}, [`v:"${finalizer}"`]: {} } },
        }),
      ],
    },
    spec: { cidrs: parts.cidrs.map(networkText) },
    status: {
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          lastTransitionTime: time,
          reason: '',
          message: 'Kubernetes Service CIDR is ready',
        },
      ],
    },
  };
  return [{ key, verb: 'create', previous: noRevision, object }];
}

/** In one spelling, whichever the flag had. */
function networkText(cidr: string): string {
  const network = parseCidr(cidr)?.network;
  return network === undefined ? cidr : cidrText(network);
}

const ready = (further: object): object => ({
  'f:status': { 'f:conditions': { 'k:{"type":"Ready"}': { '.': {}, ...further, 'f:status': {}, 'f:type': {} } } },
});
