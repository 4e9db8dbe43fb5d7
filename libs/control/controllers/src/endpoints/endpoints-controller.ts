import { type KubeObject, reasonOf, semanticEqual, timeText } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { type Lister, objectKey, splitKey } from '@reckon/client/cache';
import { refs } from '@reckon/client/rest';
import { Controller, type EventRecorder, type Result, done, requeueAfter } from '@reckon/control/runtime';
import type { ControllerContext, ControllerRow } from '../controller-context';
import { isNamespaceTerminating } from '../replica-set/scale-pods';
import { startWhenSynced } from '../start-when-synced';
import { isOverCapacity, overCapacityAnnotation, withinCapacity } from './over-capacity';
import { type EndpointsParts, endpointsInputs, endpointsParts, enqueueServices } from './endpoints-parts';
import { type Service, isServed, podsOf } from './service-pods';
import { repack, subsetsOf } from './subsets';
import { triggerTimeAnnotation } from './trigger-times';

type Endpoints = corev1.Endpoints & KubeObject;

const managedByLabel = 'endpoints.kubernetes.io/managed-by';
const managedBy = 'endpoint-controller';
const headlessLabel = 'service.kubernetes.io/headless';
const leaderAnnotation = 'control-plane.alpha.kubernetes.io/leader';

/** How soon to look again when the cache does not yet show our own last write. */
const staleCacheMs = 10;

/**
 * Keeps an Endpoints object for every Service with a selector (pkg/controller/endpoint). The old API, still read by many clients;
 * slices are kept beside it by `endpoint-slice`.
 */
export const endpointsController: ControllerRow = {
  name: 'endpoints-controller',
  serviceAccount: 'endpoint-controller',
  start(context) {
    const shared = endpointsInputs(context);
    const endpoints = context.informers.informer<Endpoints>(refs.endpoints);
    const parts: Parts = {
      ...endpointsParts(context, shared),
      endpoints: endpoints.lister,
      recorder: context.recorder('endpoint-controller'),
      overwritten: new Map(),
    };
    const controller = new Controller('endpoint', (key) => reconcile(parts, key), context);
    enqueueServices(shared, controller);
    const isServiceThere = (object: Endpoints): boolean => parts.services.byKey(objectKey(object)) !== undefined;
    endpoints.addHandler({
      // Found at the start: its Service may have gone while nobody looked.
      add: (object) => {
        if (object.metadata.labels?.[managedByLabel] === managedBy && !isServiceThere(object))
          controller.enqueue(objectKey(object));
      },
      delete: (object) => {
        if (isServiceThere(object)) controller.enqueue(objectKey(object));
      },
    });
    return startWhenSynced([controller], [shared.services, shared.pods, endpoints]);
  },
};

interface Parts extends EndpointsParts {
  readonly endpoints: Lister<Endpoints>;
  readonly recorder: EventRecorder;
  /** Per key the resourceVersion that our last update replaced: a cache that still shows it is behind. */
  readonly overwritten: Map<string, string>;
}

async function reconcile(parts: Parts, key: string): Promise<Result> {
  const { context, services, pods, endpoints, triggerTimes, pace, overwritten } = parts;
  const service = services.byKey(key);
  const current = endpoints.byKey(key);
  if (service === undefined) {
    triggerTimes.forget(key);
    pace.forget(key);
    overwritten.delete(key);
    await removeEndpoints(context, key, current);
    return done;
  }
  if (!isServed(service)) return done;
  const waitMs = pace.waitMs(key, context.clock.nowMs());
  if (waitMs > 0) return requeueAfter(waitMs);

  if (current !== undefined && overwritten.get(key) === current.metadata.resourceVersion)
    return requeueAfter(staleCacheMs);
  const selected = podsOf(service, pods);
  const trigger = triggerTimes.next(service, selected);
  const found = subsetsOf(service, selected);
  const isTruncated = isOverCapacity(found);
  const subsets = withinCapacity(found);
  if (current !== undefined && isRight(current, service, subsets, isTruncated)) {
    trigger.answered();
    return done;
  }
  const isWritten = await write(parts, service, current, {
    subsets,
    labels: {
      ...service.metadata.labels,
      ...(isHeadless(service) ? { [headlessLabel]: '' } : {}),
      [managedByLabel]: managedBy,
    },
    annotations: {
      ...without(current?.metadata.annotations, triggerTimeAnnotation, overCapacityAnnotation),
      ...(trigger.ms === undefined ? {} : { [triggerTimeAnnotation]: timeText(trigger.ms) }),
      ...(isTruncated ? { [overCapacityAnnotation]: 'truncated' } : {}),
    },
  });
  if (!isWritten) return requeueAfter(staleCacheMs);
  trigger.answered();
  pace.wrote(key, selected.length, context.clock.nowMs());
  return done;
}

const isHeadless = (service: Service): boolean => ['', 'None'].includes(service.spec?.clusterIP ?? '');

/** Those of a leader election from before Leases have no Service and are not ours; nor is what is already gone. */
async function removeEndpoints(context: ControllerContext, key: string, current: Endpoints | undefined): Promise<void> {
  if (current?.metadata.annotations?.[leaderAnnotation] !== undefined) return;
  const { namespace, name } = splitKey(key);
  await context.rest
    .resource(refs.endpoints)
    .delete(namespace, name)
    .catch((error: unknown) => {
      if (reasonOf(error) !== 'NotFound') throw error;
    });
}

/** The order of subsets is the server's business: both sides are compared in the canonical one. */
function isRight(
  current: Endpoints,
  service: Service,
  subsets: corev1.EndpointSubset[],
  isTruncated: boolean,
): boolean {
  const ours = [managedByLabel, headlessLabel];
  return (
    semanticEqual(repack(current.subsets ?? []), repack(subsets)) &&
    semanticEqual(without(current.metadata.labels, ...ours), without(service.metadata.labels, ...ours)) &&
    (current.metadata.labels?.[headlessLabel] !== undefined) === isHeadless(service) &&
    current.metadata.labels?.[managedByLabel] === managedBy &&
    (current.metadata.annotations?.[overCapacityAnnotation] !== undefined) === isTruncated
  );
}

/** False when they are there although the cache does not show them yet. */
async function write(
  { context, recorder, overwritten }: Parts,
  service: Service,
  current: Endpoints | undefined,
  wanted: {
    readonly subsets: corev1.EndpointSubset[];
    readonly labels: Record<string, string>;
    readonly annotations: Record<string, string>;
  },
): Promise<boolean> {
  const client = context.rest.resource<Endpoints>(refs.endpoints);
  const { namespace = '', name = '' } = service.metadata;
  const { subsets, labels, annotations } = wanted;
  const object: Endpoints = {
    ...current,
    metadata: { ...current?.metadata, namespace, name, labels, annotations },
    subsets,
  };
  try {
    if (current === undefined) {
      await client.create(object);
      return true;
    }
    const updated = await client.update(object);
    // A write that changed nothing gives the same version back, which then is not stale.
    const replaced = current.metadata.resourceVersion ?? '';
    if (updated.metadata.resourceVersion !== replaced) overwritten.set(objectKey(service), replaced);
    return true;
  } catch (error) {
    if (current === undefined && isNamespaceTerminating(error)) return true;
    if (current === undefined && reasonOf(error) === 'AlreadyExists') return false;
    const what = current === undefined ? 'FailedToCreateEndpoint' : 'FailedToUpdateEndpoint';
    const said = `${current === undefined ? 'create endpoint for service' : 'update endpoint'} ${namespace}/${name}`;
    recorder.event(object, refs.endpoints, {
      type: 'Warning',
      reason: what,
      message: `Failed to ${said}: ${String(error)}`,
    });
    throw error;
  }
}

function without(
  map: Readonly<Record<string, string>> | undefined,
  ...names: readonly string[]
): Record<string, string> {
  return Object.fromEntries(Object.entries(map ?? {}).filter(([name]) => !names.includes(name)));
}
