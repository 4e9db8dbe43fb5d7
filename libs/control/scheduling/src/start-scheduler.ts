import type { InformerFactory } from '@reckon/client/cache';
import { type RestClient, refs } from '@reckon/client/rest';
import {
  type ActionRecorder,
  type Claim,
  NewestObjects,
  type StorageClass,
  type Volume,
} from '@reckon/control/runtime';
import type { Clock, Logger, MetricsRegistry, Monotonic, Random, Running, Timers } from '@reckon/kernel';
import { SchedulerCache } from './cache/scheduler-cache';
import { addEventHandlers } from './cycle/event-handlers';
import { addDeviceEventHandlers } from './cycle/device-event-handlers';
import { addVolumeEventHandlers } from './cycle/volume-event-handlers';
import { InFlight } from './cycle/in-flight';
import { PodStatusPatcher } from './cycle/pod-status-patch';
import { NodeChooser } from './cycle/schedule-pod';
import { schedulerMetricsIn } from './cycle/scheduler-metrics';
import { SchedulingLoop } from './cycle/scheduling-loop';
import { type SchedulerConfiguration, defaultSchedulerConfiguration } from './config/scheduler-configuration';
import {
  type CsiDriver,
  type CsiNode,
  type CsiStorageCapacity,
  type DeviceClass,
  type Node,
  type Pod,
  type PodDisruptionBudget,
  type ReplicaSet,
  type ReplicationController,
  type ResourceClaim,
  type ResourceSlice,
  type Service,
  type StatefulSet,
  type VolumeAttachment,
  podDisruptionBudgets,
} from './framework/kinds';
import { Extender } from './extender/extender';
import { Extenders } from './extender/extenders';
import { withoutIgnored } from './extender/without-ignored';
import { makeProfile } from './make-profile';
import { ClaimWriter } from './plugins/dynamic-resources/claim-writer';
import { lazyMatcher } from './plugins/dynamic-resources/lazy-matcher';
import { Evictor } from './plugins/preemption/evictor';
import { VolumeChanges } from './plugins/volume-binding/volume-changes';
import { prioritySort } from './plugins/priority-sort';
import { Nominator } from './queue/nominator';
import { SchedulingQueue } from './queue/scheduling-queue';

export interface SchedulerOptions {
  readonly rest: RestClient;
  /** The caller starts and stops it. */
  readonly informers: InformerFactory;
  readonly clock: Clock & Monotonic;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  /** Who tells of what was done, by the name of a profile. */
  readonly recorderOf: (schedulerName: string) => ActionRecorder;
  readonly configuration?: SchedulerConfiguration;
}

const silentRecorder: ActionRecorder = { acted: () => undefined };
const byNode = 'node';
const preferencesGraceMs = 1_000;

/** Pods that have run their course hold nothing of a node. */
const liveOnly = { fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed' } as const;

/** Starts the scheduler; it begins with the first pod when its informers have synced. `stop` waits for what is under way. */
export function startScheduler(options: SchedulerOptions): Running {
  const { rest, informers, clock, timers, random, logger } = options;
  const { configuration = defaultSchedulerConfiguration } = options;
  const names = configuration.profiles.map(({ schedulerName }) => schedulerName);
  const metrics = schedulerMetricsIn(options.metrics, names);
  const recorders = new Map(names.map((name) => [name, options.recorderOf(name)]));
  // Pods of other schedulers are never spoken of.
  const recorderOf = (name: string): ActionRecorder => recorders.get(name) ?? silentRecorder;
  const cache = new SchedulerCache();
  const nominator = new Nominator();
  const pods = informers.informer<Pod>(refs.pods, liveOnly);
  const nodes = informers.informer<Node>(refs.nodes);
  const budgets = informers.informer<PodDisruptionBudget>(podDisruptionBudgets);
  const namespaces = informers.informer(refs.namespaces);
  const services = informers.informer<Service>(refs.services);
  const replicaSets = informers.informer<ReplicaSet>(refs.replicaSets);
  const statefulSets = informers.informer<StatefulSet>(refs.statefulSets);
  const replicationControllers = informers.informer<ReplicationController>(refs.replicationControllers);
  const volumes = informers.informer<Volume>(refs.persistentVolumes);
  const claims = informers.informer<Claim>(refs.persistentVolumeClaims);
  const classes = informers.informer<StorageClass>(refs.storageClasses);
  const csiNodes = informers.informer<CsiNode>(refs.csiNodes);
  const csiDrivers = informers.informer<CsiDriver>(refs.csiDrivers);
  const capacities = informers.informer<CsiStorageCapacity>(refs.csiStorageCapacities);
  const attachments = informers.informer<VolumeAttachment>(refs.volumeAttachments);
  const resourceClaims = informers.informer<ResourceClaim>(refs.resourceClaims);
  const resourceSlices = informers.informer<ResourceSlice>(refs.resourceSlices);
  const deviceClasses = informers.informer<DeviceClass>(refs.deviceClasses);
  const claimView = new NewestObjects(resourceClaims.lister);
  attachments.addIndex(byNode, ({ spec }) => [spec.nodeName]);
  const extenders = new Extenders(
    (configuration.extenders ?? []).map((of) => new Extender(of, timers)),
    logger,
  );
  const changes = new VolumeChanges(timers);
  const view = {
    volumes: new NewestObjects(volumes.lister),
    claims: new NewestObjects(claims.lister),
    classes: classes.lister,
    space: { drivers: csiDrivers.lister, capacities: capacities.lister },
  };
  const podOf = (key: string): Pod | undefined => pods.lister.byKey(key);
  const inFlight = new InFlight();
  const track = (work: Promise<void>): void => {
    inFlight.track(work);
  };
  const claimClient = rest.resource<ResourceClaim>(refs.resourceClaims);
  const patcher = new PodStatusPatcher({ rest, clock, logger });
  const deps = {
    rest,
    clock,
    random,
    metrics,
    nominator,
    podOf,
    nodes: cache,
    devices: {
      claims: claimView,
      deviceClass: (name: string) => deviceClasses.lister.byKey(name),
      slices: () => resourceSlices.lister.list(),
      matcher: lazyMatcher(track, () => {
        queue.moveOn({ resource: 'DeviceClass', action: 'Add' });
      }),
      writer: new ClaimWriter({ client: claimClient, view: claimView, logger }),
      track,
    },
    extenders,
    isClaimInUse: (key: string) => cache.isClaimInUse(key),
    csiNode: (nodeName: string) => csiNodes.lister.byKey(nodeName),
    attachmentsTo: (nodeName: string) => attachments.lister.byIndex(byNode, nodeName),
    budgets: () => budgets.lister.list(),
    namespaceLabels: (namespace: string) => namespaces.lister.byKey(namespace)?.metadata.labels ?? {},
    groups: {
      services: (namespace: string) => services.lister.list(namespace),
      replicaSet: (namespace: string, name: string) => replicaSets.lister.get(namespace, name),
      statefulSet: (namespace: string, name: string) => statefulSets.lister.get(namespace, name),
      replicationController: (namespace: string, name: string) => replicationControllers.lister.get(namespace, name),
    },
    volumes: {
      view,
      cached: { volumes: volumes.lister, claims: claims.lister },
      volumeClient: rest.resource<Volume>(refs.persistentVolumes),
      claimClient: rest.resource<Claim>(refs.persistentVolumeClaims),
      nodes: cache,
      podOf,
      changes,
      clock,
    },
  };
  const profiles = new Map(
    configuration.profiles.map((of) => {
      const evictor = new Evictor({
        rest,
        patcher,
        logger,
        inFlight,
        recorder: recorderOf(of.schedulerName),
        activate: (uid) => {
          queue.activateNow(uid);
        },
      });
      return [
        of.schedulerName,
        makeProfile(withoutIgnored(of, configuration.extenders), { ...deps, evictor }),
      ] as const;
    }),
  );

  const queue: SchedulingQueue = new SchedulingQueue({
    clock,
    timers,
    profiles,
    backoff: { firstMs: configuration.firstBackoffMs, longestMs: configuration.longestBackoffMs },
    ...(configuration.longestUnschedulableMs === undefined
      ? {}
      : { longestUnschedulableMs: configuration.longestUnschedulableMs }),
    isBefore: prioritySort,
    wake: () => {
      loop.wake();
    },
    incoming: metrics.incoming,
  });
  const loop: SchedulingLoop = new SchedulingLoop({
    queue,
    cache,
    nominator,
    profiles,
    metrics,
    clock,
    logger,
    recorderOf,
    chooser: new NodeChooser({
      nodes: cache,
      nominator,
      random,
      extenders,
      percentageOfNodesToScore: configuration.percentageOfNodesToScore,
    }),
    podOf,
    patcher,
    inFlight,
  });
  addEventHandlers({
    pods,
    nodes,
    cache,
    queue,
    nominator,
    isOurs: (pod) => profiles.has(pod.spec?.schedulerName ?? ''),
  });

  addVolumeEventHandlers({
    ...{ volumes, claims, classes, csiNodes, csiDrivers, capacities, attachments },
    ...{ view, changes, queue },
  });
  addDeviceEventHandlers({ resourceClaims, resourceSlices, deviceClasses, view: claimView, queue });

  let isStopped = false;
  // These only improve the choice, or keep back pods that need them: a server that does not serve them holds nobody up for long.
  const graced = new AbortController();
  const preferences = Promise.race([
    Promise.all(
      [
        ...[services, replicaSets, volumes, claims, classes, csiNodes, csiDrivers, capacities, attachments],
        ...[resourceClaims, resourceSlices, deviceClasses, statefulSets, replicationControllers],
      ].map(({ synced }) => synced),
    ),
    timers.sleep(preferencesGraceMs, graced.signal),
  ]);
  void Promise.all([pods.synced, nodes.synced, namespaces.synced, preferences]).then(() => {
    graced.abort();
    if (!isStopped) loop.start();
  });
  return {
    async stop() {
      isStopped = true;
      graced.abort();
      queue.stop();
      await changes.stop();
      // What they are asked fails now, and says nothing of the pods any more.
      const quiet = loop.stop();
      await extenders.stop();
      await quiet;
    },
  };
}
