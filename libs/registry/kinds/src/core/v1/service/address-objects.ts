import { type ObjectMeta, timeText } from '@reckon/api/machinery';
import type { corev1, networkingv1 } from '@reckon/api/types';
import type { Random } from '@reckon/kernel';
import type { RequestContext } from '@reckon/registry/generic';
import { type Change, type ObjectKey, type Storage, type StoredObject, noRevision } from '@reckon/store/contract';
import { canonicalAddress } from './address-range';
import { familyOf, isHeadless } from './service-type';

const group = 'networking.k8s.io';
const apiVersion = `${group}/v1`;
const managedBy = 'ipaddress.kubernetes.io/managed-by';
const ipFamily = 'ipaddress.kubernetes.io/ip-family';

export const addressKey = (ip: string): ObjectKey => ({ group, resource: 'ipaddresses', namespace: '', name: ip });

/** The addresses that a service holds, in one spelling each. */
export function heldAddresses(spec: corev1.ServiceSpec | undefined): string[] {
  if (spec === undefined || spec.type === 'ExternalName' || isHeadless(spec)) return [];
  return (spec.clusterIPs ?? []).filter((ip) => ip !== '').map(canonicalAddress);
}

interface AddressParts {
  readonly ctx: Pick<RequestContext, 'nowMs'>;
  readonly storage: Storage;
  readonly random: Random;
}

/**
 * What a write of a service changes of the IPAddress objects, in the same step: one appears for every address that it gets, and goes
 * with the address (registry/core/service/ipallocator). `service` is undefined when it is deleted.
 */
export function addressChanges(
  parts: AddressParts,
  service: corev1.Service | undefined,
  old: corev1.Service | undefined,
): Change[] {
  const held = heldAddresses(service?.spec);
  const before = heldAddresses(old?.spec);
  const changes: Change[] = [];
  for (const ip of before) {
    const stored = held.includes(ip) ? undefined : parts.storage.newest(addressKey(ip));
    if (stored !== undefined && isOf(stored, old)) changes.push(release(parts, stored));
  }
  if (service !== undefined)
    for (const ip of held) if (!before.includes(ip)) changes.push(appear(parts, ip, service.metadata));
  return changes;
}

/** Services whose addresses have no object: from before there were such, or because somebody deleted it (ipallocator's repair). */
export function missingAddresses(parts: AddressParts): Change[] {
  const changes = new Map<string, Change>();
  for (const stored of parts.storage.newestOf({ group: '', resource: 'services' })) {
    const service = stored.parse() as unknown as corev1.Service;
    for (const ip of heldAddresses(service.spec))
      if (!changes.has(ip) && parts.storage.newest(addressKey(ip)) === undefined)
        changes.set(ip, appear(parts, ip, service.metadata));
  }
  return [...changes.values()];
}

function isOf(stored: StoredObject, service: corev1.Service | undefined): boolean {
  const parent = (stored.parse() as unknown as networkingv1.IPAddress).spec?.parentRef;
  return (
    (parent?.group ?? '') === '' &&
    parent?.resource === 'services' &&
    parent.namespace === service?.metadata.namespace &&
    parent?.name === service?.metadata.name
  );
}

function appear({ ctx, random }: AddressParts, ip: string, { name = '', namespace = '' }: ObjectMeta): Change {
  const time = timeText(ctx.nowMs);
  const object = {
    kind: 'IPAddress',
    apiVersion,
    metadata: {
      name: ip,
      uid: random.uuid(),
      resourceVersion: '',
      creationTimestamp: time,
      labels: { [ipFamily]: familyOf(ip), [managedBy]: 'ipallocator.k8s.io' },
      managedFields: [
        {
          manager: 'kube-apiserver',
          operation: 'Update',
          apiVersion,
          time,
          fieldsType: 'FieldsV1',
          fieldsV1: {
            'f:metadata': { 'f:labels': { '.': {}, [`f:${ipFamily}`]: {}, [`f:${managedBy}`]: {} } },
            'f:spec': { 'f:parentRef': { '.': {}, 'f:name': {}, 'f:namespace': {}, 'f:resource': {} } },
          },
        },
      ],
    },
    spec: { parentRef: { resource: 'services', namespace, name } },
  };
  return { key: addressKey(ip), verb: 'create', previous: noRevision, object };
}

/** Gone, or only marked where somebody's finalizer holds it. */
function release({ ctx }: AddressParts, stored: StoredObject): Change {
  const object = stored.parse();
  const metadata: ObjectMeta = object.metadata;
  const isHeld = (metadata.finalizers ?? []).length > 0;
  if (isHeld) {
    metadata.deletionTimestamp ??= timeText(ctx.nowMs);
    metadata.deletionGracePeriodSeconds = 0;
  }
  return { key: stored.key, verb: isHeld ? 'update' : 'delete', previous: stored.revision, object };
}
