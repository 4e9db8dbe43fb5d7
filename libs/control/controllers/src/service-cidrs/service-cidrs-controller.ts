import { findCondition, reasonOf, timeText } from '@reckon/api/machinery';
import { type ResourceClient, refs } from '@reckon/client/rest';
import { Controller, type Result, done, requeueAfter } from '@reckon/control/runtime';
import type { Clock } from '@reckon/kernel';
import type { ControllerRow } from '../controller-context';
import { startWhenSynced } from '../start-when-synced';
import { type IpAddressObject, type ServiceCidr, holds, isAllocated, isNeeded, overlap } from './cidr-cover';

const finalizer = 'networking.k8s.io/service-cidr-finalizer';
/** Who applies the condition. */
const manager = 'service-cidr-controller';
/** So long a network that is deleted stays, so that no server gives out an address of it that does not know yet. */
const deletionGraceMs = 10_000;

const readyCondition = { status: 'True', reason: '', message: 'Kubernetes Service CIDR is ready' } as const;
const blockedCondition = {
  status: 'False',
  reason: 'Terminating',
  message: 'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR',
} as const;

/** Says that networks for services are ready, and keeps those from going that still have addresses out (pkg/controller/servicecidrs). */
export const serviceCidrsController: ControllerRow = {
  name: 'service-cidr-controller',
  serviceAccount: 'service-cidrs-controller',
  start(context) {
    const cidrs = context.informers.informer<ServiceCidr>(refs.serviceCidrs);
    const addresses = context.informers.informer<IpAddressObject>(refs.ipAddresses);
    const parts: Parts = {
      client: context.rest.resource<ServiceCidr>(refs.serviceCidrs),
      clock: context.clock,
      isNeeded: (cidr) => isNeeded(cidr, cidrs.lister.list(), addresses.lister.list()),
    };
    const controller = new Controller(
      'ipaddresses',
      async (name) => {
        const cidr = cidrs.lister.byKey(name);
        return cidr === undefined ? done : reconcile(parts, cidr);
      },
      context,
    );
    const enqueue = ({ metadata }: ServiceCidr): void => controller.enqueue(metadata.name ?? '');
    /** A network that appears or goes changes whether others are needed. */
    const enqueueOverlapping = (cidr: ServiceCidr): void => {
      enqueue(cidr);
      for (const other of cidrs.lister.list()) if (overlap(cidr, other)) enqueue(other);
    };
    const enqueueHolders = (address: IpAddressObject): void => {
      if (!isAllocated(address)) return;
      for (const cidr of cidrs.lister.list())
        if (cidr.metadata.deletionTimestamp !== undefined && holds(cidr, address)) enqueue(cidr);
    };
    cidrs.addHandler({
      add: enqueueOverlapping,
      update: (_, cidr) => enqueueOverlapping(cidr),
      delete: enqueueOverlapping,
    });
    addresses.addHandler({ add: enqueueHolders, delete: enqueueHolders });
    return startWhenSynced([controller], [cidrs, addresses]);
  },
};

interface Parts {
  readonly client: ResourceClient<ServiceCidr>;
  readonly clock: Clock;
  readonly isNeeded: (cidr: ServiceCidr) => boolean;
}

async function reconcile(parts: Parts, cidr: ServiceCidr): Promise<Result> {
  const { name = '', deletionTimestamp, finalizers = [] } = cidr.metadata;
  const isHeld = finalizers.includes(finalizer);
  if (deletionTimestamp === undefined) {
    if (!isHeld) await patchFinalizers(parts, name, { finalizers: [finalizer] });
    await applyCondition(parts, cidr, readyCondition);
    return done;
  }
  if (parts.isNeeded(cidr)) {
    await applyCondition(parts, cidr, blockedCondition);
    return done;
  }
  const waitMs = deletionGraceMs - (parts.clock.nowMs() - Date.parse(deletionTimestamp));
  if (waitMs > 0) return requeueAfter(waitMs);
  if (isHeld) await patchFinalizers(parts, name, { '$deleteFromPrimitiveList/finalizers': [finalizer] });
  return done;
}

function patchFinalizers({ client }: Parts, name: string, metadata: object): Promise<void> {
  return unlessGone(client.patch('', name, { type: 'strategic', body: { metadata } }));
}

async function applyCondition(
  { client, clock }: Parts,
  { metadata, status }: ServiceCidr,
  condition: typeof readyCondition | typeof blockedCondition,
): Promise<void> {
  const { name = '' } = metadata;
  const current = findCondition(status?.conditions, 'Ready');
  const isSaid =
    current?.status === condition.status &&
    current.message === condition.message &&
    (current.reason ?? '') === condition.reason;
  if (isSaid) return;
  await unlessGone(
    client.patch('', name, {
      type: 'apply',
      subresource: 'status',
      fieldManager: manager,
      force: true,
      body: {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'ServiceCIDR',
        metadata: { name },
        status: { conditions: [{ type: 'Ready', ...condition, lastTransitionTime: timeText(clock.nowMs()) }] },
      },
    }),
  );
}

async function unlessGone(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (reasonOf(error) !== 'NotFound') throw error;
  }
}
