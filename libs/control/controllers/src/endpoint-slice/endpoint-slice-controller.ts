import { reasonOf, timeText } from '@reckon/api/machinery';
import { type Lister, objectKey } from '@reckon/client/cache';
import { refs } from '@reckon/client/rest';
import { Controller, type EventRecorder, type Result, done, requeueAfter } from '@reckon/control/runtime';
import type { ControllerRow } from '../controller-context';
import { type EndpointsParts, endpointsInputs, endpointsParts, enqueueServices } from '../endpoints/endpoints-parts';
import { type Service, belongsInEndpoints, isServed, podsOf } from '../endpoints/service-pods';
import { triggerTimeAnnotation } from '../endpoints/trigger-times';
import type { Pod } from '../replica-set/pod-state';
import { isNamespaceTerminating } from '../replica-set/scale-pods';
import { startWhenSynced } from '../start-when-synced';
import { type Slice, managedBy, managedByLabel, serviceNameLabel } from './new-slice';
import { type AddressType, type Node, addressTypesOf, endpointOf, portsKey, slicePortsOf } from './slice-endpoint';
import { SliceExpectations } from './slice-expectations';
import { type PortGroup, type SlicePlan, planSlices } from './slice-plan';

const byService = 'service';

/** A foreign hand on a slice is answered after this (upstream's `endpointSliceChangeMinSyncDelay`), so that two never race in a loop. */
const foreignChangeMs = 1_000;

/** How soon to look again when the cache does not yet show our own last writes. */
const staleCacheMs = 10;

/** Keeps EndpointSlices for every Service with a selector (pkg/controller/endpointslice). */
export const endpointSliceController: ControllerRow = {
  name: 'endpointslice-controller',
  serviceAccount: 'endpointslice-controller',
  start(context) {
    const shared = endpointsInputs(context);
    const nodes = context.informers.informer<Node>(refs.nodes);
    const slices = context.informers.informer<Slice>(refs.endpointSlices);
    slices.addIndex(byService, (slice) => (isManaged(slice) ? [serviceKeyOf(slice)] : []));
    const parts: Omit<Parts, 'signal'> = {
      ...endpointsParts(context, shared),
      nodes: nodes.lister,
      slices: slices.lister,
      recorder: context.recorder('endpoint-slice-controller'),
      expectations: new SliceExpectations(),
    };
    const controller = new Controller('endpoint_slice', (key, signal) => reconcile({ ...parts, signal }, key), context);
    enqueueServices(shared, controller);
    watchSlices(slices, parts.expectations, (serviceKey) => {
      controller.queue.addAfter(serviceKey, foreignChangeMs);
    });
    return startWhenSynced([controller], [shared.services, shared.pods, nodes, slices]);
  },
};

interface Parts extends EndpointsParts {
  readonly nodes: Lister<Node>;
  readonly slices: Lister<Slice>;
  readonly recorder: EventRecorder;
  readonly expectations: SliceExpectations;
  readonly signal: AbortSignal;
}

const isManaged = (slice: Slice): boolean => slice.metadata.labels?.[managedByLabel] === managedBy;

const serviceKeyOf = ({ metadata }: Slice): string =>
  `${metadata.namespace ?? ''}/${metadata.labels?.[serviceNameLabel] ?? ''}`;

/** Slices that others changed, relabelled or deleted bring their Service back. */
function watchSlices(
  slices: {
    addHandler(handler: { add(s: Slice): void; update(old: Slice, s: Slice): void; delete(s: Slice): void }): void;
  },
  expectations: SliceExpectations,
  enqueue: (serviceKey: string) => void,
): void {
  const enqueueForeign = (slice: Slice): void => {
    const key = serviceKeyOf(slice);
    if (isManaged(slice) && expectations.isForeign(key, slice)) enqueue(key);
  };
  slices.addHandler({
    add: enqueueForeign,
    update(old, slice) {
      if (serviceKeyOf(old) !== serviceKeyOf(slice) || isManaged(old) !== isManaged(slice)) {
        enqueue(serviceKeyOf(old));
        enqueue(serviceKeyOf(slice));
      } else enqueueForeign(slice);
    },
    delete(slice) {
      const key = serviceKeyOf(slice);
      if (isManaged(slice) && expectations.sawDelete(key, slice)) enqueue(key);
    },
  });
}

async function reconcile(parts: Parts, key: string): Promise<Result> {
  const { context, services, slices, expectations, triggerTimes, pace, recorder } = parts;
  const service = services.byKey(key);
  if (service === undefined) {
    // The garbage collector takes the slices: they are owned by the Service.
    triggerTimes.forget(key);
    pace.forget(key);
    expectations.forget(key);
    return done;
  }
  if (!isServed(service)) return done;
  const waitMs = pace.waitMs(key, context.clock.nowMs());
  if (waitMs > 0) return requeueAfter(waitMs);
  const existing = slices.byIndex(byService, key).filter((slice) => slice.metadata.deletionTimestamp === undefined);
  if (expectations.isBehind(key, existing)) return requeueAfter(staleCacheMs);

  const selected = podsOf(service, parts.pods);
  const trigger = triggerTimes.next(service, selected);
  try {
    await reconcileSlices(parts, service, selected, existing, trigger.ms);
  } catch (error) {
    parts.signal.throwIfAborted();
    const text = error instanceof Error ? error.message : String(error);
    const message = `Error updating Endpoint Slices for Service ${key}: ${text}`;
    recorder.event(service, refs.services, { type: 'Warning', reason: 'FailedToUpdateEndpointSlices', message });
    throw error;
  }
  trigger.answered();
  return done;
}

async function reconcileSlices(
  parts: Parts,
  service: Service,
  pods: readonly Pod[],
  existing: readonly Slice[],
  triggerMs: number | undefined,
): Promise<void> {
  const types = addressTypesOf(service);
  const isOfType = (slice: Slice, type: AddressType): boolean => slice.addressType === type;
  let skipped: string | undefined;
  for (const type of types) {
    const found = groupByPorts(parts, service, pods, type);
    skipped ??= found.skipped;
    const plan = planSlices(
      service,
      type,
      existing.filter((slice) => isOfType(slice, type)),
      found.groups,
    );
    await carryOut(parts, service, plan, triggerMs);
  }
  const remove = existing.filter((slice) => !types.some((type) => isOfType(slice, type)));
  await carryOut(parts, service, { create: [], update: [], remove }, triggerMs);
  if (skipped !== undefined) throw new Error(skipped);
}

/** A pod on a node that is not there is left out and asked for again later, unless the Service publishes whatever there is. */
function groupByPorts(
  { nodes }: Parts,
  service: Service,
  pods: readonly Pod[],
  type: AddressType,
): { readonly groups: PortGroup[]; readonly skipped: string | undefined } {
  const groups = new Map<string, { ports: PortGroup['ports']; endpoints: PortGroup['endpoints'][number][] }>();
  let skipped: string | undefined;
  for (const pod of pods) {
    if (!belongsInEndpoints(pod, { evenTerminating: true })) continue;
    const ports = slicePortsOf(service, pod);
    const key = portsKey(ports);
    let group = groups.get(key);
    if (group === undefined) groups.set(key, (group = { ports, endpoints: [] }));
    const nodeName = pod.spec?.nodeName ?? '';
    const node = nodes.byKey(nodeName);
    if (node === undefined && service.spec?.publishNotReadyAddresses !== true) {
      skipped ??= `skipping Pod ${pod.metadata.name ?? ''} for Service ${objectKey(service)}: Node ${nodeName} Not Found`;
      continue;
    }
    const endpoint = endpointOf(service, pod, node, type);
    if (endpoint.addresses.length > 0) group.endpoints.push(endpoint);
  }
  return { groups: [...groups.values()], skipped };
}

/** A Service that is going gets no new slices: the garbage collector is about to take them. */
async function carryOut(
  { context, expectations, pace, signal }: Parts,
  service: Service,
  plan: SlicePlan,
  triggerMs: number | undefined,
): Promise<void> {
  const { create, update, remove } = plan;
  if (create.length + update.length + remove.length === 0) return;
  const client = context.rest.resource<Slice>(refs.endpointSlices);
  const key = objectKey(service);
  if (service.metadata.deletionTimestamp === undefined)
    for (const slice of create) {
      signal.throwIfAborted();
      try {
        expectations.wrote(key, await client.create(withTriggerTime(slice, triggerMs)));
      } catch (error) {
        if (isNamespaceTerminating(error)) return;
        throw error;
      }
    }
  for (const slice of update) {
    signal.throwIfAborted();
    expectations.wrote(key, await client.update(withTriggerTime(slice, triggerMs)));
  }
  for (const slice of remove) {
    signal.throwIfAborted();
    const { namespace = '', name = '' } = slice.metadata;
    await client.delete(namespace, name).catch((error: unknown) => {
      if (reasonOf(error) !== 'NotFound') throw error;
    });
    expectations.removed(key, slice);
  }
  const written = [...create, ...update].reduce((sum, slice) => sum + (slice.endpoints?.length ?? 0), 0);
  pace.wrote(key, written, context.clock.nowMs());
}

function withTriggerTime(slice: Slice, triggerMs: number | undefined): Slice {
  const annotations = { ...slice.metadata.annotations };
  delete annotations[triggerTimeAnnotation];
  if (triggerMs !== undefined) annotations[triggerTimeAnnotation] = timeText(triggerMs);
  return { ...slice, metadata: { ...slice.metadata, annotations } };
}
