import { reasonOf } from '@reckon/api/machinery';
import { type Informer, type Lister, objectKey } from '@reckon/client/cache';
import { refs } from '@reckon/client/rest';
import {
  Controller,
  type EventRecorder,
  type Result,
  backoffRateLimiter,
  done,
  requeueAfter,
} from '@reckon/control/runtime';
import type { ControllerContext, ControllerRow } from '../controller-context';
import { type Slice, managedByLabel, serviceNameLabel } from '../endpoint-slice/new-slice';
import { SliceExpectations } from '../endpoint-slice/slice-expectations';
import type { SlicePlan } from '../endpoint-slice/slice-plan';
import { type Service, selectorOf } from '../endpoints/service-pods';
import { isNamespaceTerminating } from '../replica-set/scale-pods';
import { startWhenSynced } from '../start-when-synced';
import { type Endpoints, mirrorSlices, mirroredBy } from './mirror-slices';
import { type MirroringOptions, mirroringDefaults } from './mirroring-options';

const byService = 'mirrored service';
const skipLabel = 'endpointslice.kubernetes.io/skip-mirror';
const leaderAnnotation = 'control-plane.alpha.kubernetes.io/leader';

/** How soon to look again when the cache does not yet show our own last writes. */
const staleCacheMs = 10;
const backoff = { baseMs: 1_000, mostMs: 100_000 };

/** EndpointSlices for the Endpoints that people make themselves, of Services without a selector (pkg/controller/endpointslicemirroring). */
export const endpointSliceMirroringController: ControllerRow = {
  name: 'endpointslice-mirroring-controller',
  serviceAccount: 'endpointslicemirroring-controller',
  start(context) {
    const options: MirroringOptions = { ...mirroringDefaults, ...context.options.endpointSliceMirroring };
    const services = context.informers.informer<Service>(refs.services);
    const endpoints = context.informers.informer<Endpoints>(refs.endpoints);
    const slices = context.informers.informer<Slice>(refs.endpointSlices);
    slices.addIndex(byService, (slice) => (isMirrored(slice) ? [serviceKeyOf(slice)] : []));
    const parts: Omit<Parts, 'signal'> = {
      context,
      options,
      services: services.lister,
      endpoints: endpoints.lister,
      slices: slices.lister,
      recorder: context.recorder('endpoint-slice-mirroring-controller'),
      expectations: new SliceExpectations(),
    };
    const controller = new Controller(
      'endpoint_slice_mirroring',
      (key, signal) => reconcile({ ...parts, signal }, key),
      context,
      { workers: options.workers, limiter: backoffRateLimiter(context.clock, backoff) },
    );
    const { expectations } = parts;
    const enqueue = (key: string): void => {
      controller.enqueue(key);
    };
    watchServices(services, enqueue);
    watchEndpoints(endpoints, enqueue);
    watchSlices(slices, expectations, (key) => {
      controller.queue.addAfter(key, options.batchPeriodMs);
    });
    return startWhenSynced([controller], [services, endpoints, slices]);
  },
};

interface Parts {
  readonly context: ControllerContext;
  readonly options: MirroringOptions;
  readonly services: Lister<Service>;
  readonly endpoints: Lister<Endpoints>;
  readonly slices: Lister<Slice>;
  readonly recorder: EventRecorder;
  readonly expectations: SliceExpectations;
  readonly signal: AbortSignal;
}

const isMirrored = ({ metadata }: Slice): boolean => metadata.labels?.[managedByLabel] === mirroredBy;

const serviceKeyOf = ({ metadata }: Slice): string =>
  `${metadata.namespace ?? ''}/${metadata.labels?.[serviceNameLabel] ?? ''}`;

/** Locks of old leader elections are no addresses. */
const isToBeMirrored = ({ metadata }: Endpoints): boolean =>
  metadata.labels?.[skipLabel] !== 'true' && metadata.annotations?.[leaderAnnotation] === undefined;

const isForPeople = (service: Service): boolean => selectorOf(service) === undefined;

function watchServices(services: Informer<Service>, enqueue: (key: string) => void): void {
  const visit = (service: Service): void => {
    if (isForPeople(service)) enqueue(objectKey(service));
  };
  services.addHandler({
    add: visit,
    update(old, service) {
      if (isForPeople(old) !== isForPeople(service)) enqueue(objectKey(service));
    },
    delete: visit,
  });
}

function watchEndpoints(all: Informer<Endpoints>, enqueue: (key: string) => void): void {
  const visit = (endpoints: Endpoints): void => {
    if (isToBeMirrored(endpoints)) enqueue(objectKey(endpoints));
  };
  all.addHandler({
    add: visit,
    update(old, endpoints) {
      if (isToBeMirrored(old) || isToBeMirrored(endpoints)) enqueue(objectKey(endpoints));
    },
    delete: visit,
  });
}

/** Slices that others changed, took over or deleted bring their Endpoints back. */
function watchSlices(slices: Informer<Slice>, expectations: SliceExpectations, enqueue: (key: string) => void): void {
  const enqueueForeign = (slice: Slice): void => {
    const key = serviceKeyOf(slice);
    if (isMirrored(slice) && expectations.isForeign(key, slice)) enqueue(key);
  };
  slices.addHandler({
    add: enqueueForeign,
    update(old, slice) {
      if (isMirrored(old) && (!isMirrored(slice) || serviceKeyOf(old) !== serviceKeyOf(slice)))
        enqueue(serviceKeyOf(old));
      enqueueForeign(slice);
    },
    delete(slice) {
      const key = serviceKeyOf(slice);
      if (isMirrored(slice) && expectations.sawDelete(key, slice)) enqueue(key);
    },
  });
}

async function reconcile(parts: Parts, key: string): Promise<Result> {
  const { services, slices, expectations, recorder, options } = parts;
  const endpoints = parts.endpoints.byKey(key);
  const service = services.byKey(key);
  const existing = slices.byIndex(byService, key).filter((slice) => slice.metadata.deletionTimestamp === undefined);
  if (endpoints === undefined || service === undefined || !isToBeMirrored(endpoints) || !isForPeople(service)) {
    expectations.forget(key);
    await removeSlices(parts, key, existing);
    return done;
  }
  if (expectations.isBehind(key, existing)) return requeueAfter(staleCacheMs);
  const plan = mirrorSlices(endpoints, existing, options.mostPerSubset);
  const warn = (reason: string, message: string): void => {
    recorder.event(endpoints, refs.endpoints, { type: 'Warning', reason, message });
  };
  if (plan.invalid > 0)
    warn('InvalidIPAddress', `Skipped ${String(plan.invalid)} invalid IP addresses when mirroring to EndpointSlices`);
  if (plan.skipped > plan.invalid)
    warn(
      'TooManyAddressesToMirror',
      `A max of ${String(options.mostPerSubset)} addresses can be mirrored to EndpointSlices per Endpoints subset. ${String(plan.skipped)} addresses were skipped`,
    );
  await carryOut(parts, key, endpoints, plan);
  return done;
}

async function carryOut(parts: Parts, key: string, endpoints: Endpoints, plan: SlicePlan): Promise<void> {
  const { context, expectations, signal } = parts;
  const client = context.rest.resource<Slice>(refs.endpointSlices);
  // Endpoints that are going get no new slices.
  if (endpoints.metadata.deletionTimestamp === undefined)
    for (const slice of plan.create) {
      signal.throwIfAborted();
      try {
        expectations.wrote(key, await client.create(slice));
      } catch (error) {
        if (isNamespaceTerminating(error)) return;
        throw error;
      }
    }
  for (const slice of plan.update) {
    signal.throwIfAborted();
    expectations.wrote(key, await client.update(slice));
  }
  await removeSlices(parts, key, plan.remove);
}

async function removeSlices(
  { context, expectations, signal }: Parts,
  key: string,
  slices: readonly Slice[],
): Promise<void> {
  const client = context.rest.resource<Slice>(refs.endpointSlices);
  for (const slice of slices) {
    signal.throwIfAborted();
    const { namespace = '', name = '' } = slice.metadata;
    await client.delete(namespace, name).catch((error: unknown) => {
      if (reasonOf(error) !== 'NotFound') throw error;
    });
    expectations.removed(key, slice);
  }
}
