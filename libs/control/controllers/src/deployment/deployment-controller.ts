import type { LabelSelector } from '@reckon/api/machinery';
import { type Lister, objectKey } from '@reckon/client/cache';
import { refs } from '@reckon/client/rest';
import { Controller, type Result, done, requeueAfter } from '@reckon/control/runtime';
import type { ControllerRow } from '../controller-context';
import { claim } from '../ownership/claim';
import { claimable, controlledBy, indexByController } from '../ownership/controller-index';
import { isNamespaceTerminating } from '../ownership/owned-pods';
import { selectorCache } from '../ownership/selector-cache';
import type { Pod } from '../replica-set/pod-state';
import { startWhenSynced } from '../start-when-synced';
import { watchOwned } from './deployment-events';
import { deploymentStatus, writeStatus } from './deployment-status';
import { findNewSet, oldSetsOf, syncNewSet } from './new-replica-set';
import { deleteOldSets } from './old-replica-sets';
import { nextProgressCheckMs, withPause, withProgress } from './progress';
import { isScaling, scaleAll } from './proportional-scaling';
import { recreate } from './recreate';
import { rollingUpdate } from './rolling-update';
import { type Deployment, type ReplicaSet, type Rollout, type RolloutTools, deploymentType, draftOf } from './rollout';
import { isRolling } from './rollout-limits';

/** Rolls out Deployments by means of ReplicaSets (pkg/controller/deployment). */
export const deploymentController: ControllerRow = {
  name: 'deployment-controller',
  serviceAccount: 'deployment-controller',
  start(context) {
    const deployments = context.informers.informer<Deployment>(refs.deployments);
    const sets = context.informers.informer<ReplicaSet>(refs.replicaSets);
    const pods = context.informers.informer<Pod>(refs.pods);
    indexByController(sets);
    indexByController(pods);
    const parts: Parts = {
      deployments: deployments.lister,
      setLister: sets.lister,
      podLister: pods.lister,
      selectorOf: selectorCache(),
      sets: context.rest.resource<ReplicaSet>(refs.replicaSets),
      deploymentClient: context.rest.resource<Deployment>(refs.deployments),
      recorder: context.recorder('deployment-controller'),
      clock: context.clock,
    };
    const controller = new Controller('deployment', (key) => reconcile(parts, key), context);
    watchOwned({
      deployments,
      sets,
      pods,
      selectorOf: parts.selectorOf,
      enqueue: (d) => {
        controller.enqueue(objectKey(d));
      },
    });
    return startWhenSynced([controller], [deployments, sets, pods]);
  },
};

interface Parts extends Omit<RolloutTools, 'deployments'> {
  readonly deployments: Lister<Deployment>;
  readonly deploymentClient: RolloutTools['deployments'];
  readonly setLister: Lister<ReplicaSet>;
  readonly podLister: Lister<Pod>;
  readonly selectorOf: (deployment: Deployment) => LabelSelector;
}

async function reconcile(parts: Parts, key: string): Promise<Result> {
  const stored = parts.deployments.byKey(key);
  if (stored === undefined) return done;
  const rollout = await look(parts, stored);
  const isGoing = stored.metadata.deletionTimestamp !== undefined;
  if (!isGoing)
    rollout.deployment.status = {
      ...rollout.deployment.status,
      conditions: withPause(rollout, rollout.deployment.status?.conditions ?? []),
    };

  if (isGoing) return finish(rollout, 'counts');
  if (stored.spec?.paused === true || isScaling(rollout)) {
    const newSet = await syncNewSet(rollout, { create: false });
    await scaleAll(rollout, newSet);
    if (stored.spec?.paused === true) await deleteOldSets(rollout, oldSetsOf(rollout, newSet));
    return finish(rollout, 'counts');
  }
  try {
    await (isRolling(stored) ? rollingUpdate(rollout) : recreate(rollout));
  } catch (error) {
    // Nothing can be made there any more: trying again is of no use (pkg/controller/deployment `handleErr`).
    if (isNamespaceTerminating(error)) return done;
    throw error;
  }
  return finish(rollout, 'progress');
}

async function look(parts: Parts, stored: Deployment): Promise<Rollout> {
  const { namespace = '', name = '' } = stored.metadata;
  const { sets, recorder, clock, deploymentClient, podLister } = parts;
  return {
    sets,
    deployments: deploymentClient,
    recorder,
    clock,
    stored,
    deployment: draftOf(stored),
    all: await claim({
      owner: stored,
      ownerType: deploymentType,
      selector: parts.selectorOf(stored),
      candidates: claimable(parts.setLister, stored),
      client: sets,
      freshOwner: () => deploymentClient.get(namespace, name),
    }),
    podsOf: (set) => controlledBy(podLister, set.metadata.uid),
  };
}

/** Progress is measured only while something is rolled out, not when it is paused or scaled. */
async function finish(rollout: Rollout, measure: 'counts' | 'progress'): Promise<Result> {
  const newSet = findNewSet(rollout);
  const counted = deploymentStatus(rollout, newSet);
  const status = measure === 'counts' ? counted : withProgress(rollout, counted, newSet);
  const isWritten = await writeStatus(rollout, status);
  // What was written comes back as an event and is looked at again.
  const checkMs = isWritten || measure === 'counts' ? undefined : nextProgressCheckMs(rollout, status);
  return checkMs === undefined ? done : requeueAfter(checkMs);
}
