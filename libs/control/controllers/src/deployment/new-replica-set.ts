import { type KubeObject, controllerOf, newControllerReference, reasonOf } from '@reckon/api/machinery';
import { refs } from '@reckon/client/rest';
import { isNamespaceTerminating } from '../replica-set/scale-pods';
import { type Condition, conditionOf, newCondition, reasons, withDeploymentCondition } from './condition';
import { writeStatus } from './deployment-status';
import { isSameTemplate, podTemplateHash, podTemplateHashLabel } from './pod-template-hash';
import { annotations, hasAll, maxRevision, newSetAnnotations, replicaAnnotations } from './revision';
import { type ReplicaSet, type Rollout, byCreation, deploymentType, replaceSet } from './rollout';
import { newSetReplicas, progressDeadlineMs } from './rollout-limits';

/** The ReplicaSet of the Deployment's template, the oldest if there are several (deployment/util.FindNewReplicaSet). */
export function findNewSet({ deployment, all }: Rollout): ReplicaSet | undefined {
  return [...all].sort(byCreation).find((set) => isSameTemplate(set.spec?.template, deployment.spec?.template));
}

export const oldSetsOf = (rollout: Rollout, newSet: ReplicaSet | undefined): ReplicaSet[] =>
  rollout.all.filter((set) => set.metadata.uid !== newSet?.metadata.uid);

/**
 * The newest ReplicaSet with its revision and annotations brought up to date, and the Deployment's after it
 * (pkg/controller/deployment `getNewReplicaSet`). Its revision is one above all old ones, so that a rollback makes an old one the
 * newest. `create` makes it if it is not there.
 */
export async function syncNewSet(
  rollout: Rollout,
  options: { readonly create: boolean },
): Promise<ReplicaSet | undefined> {
  const found = findNewSet(rollout);
  const revision = maxRevision(oldSetsOf(rollout, found)) + 1n;
  if (found === undefined) return options.create ? createNewSet(rollout, revision) : undefined;

  const { deployment } = rollout;
  const wanted = newSetAnnotations(deployment, found, revision);
  const minReadySeconds = deployment.spec?.minReadySeconds ?? 0;
  if (!hasAll(found.metadata.annotations, wanted) || (found.spec?.minReadySeconds ?? 0) !== minReadySeconds) {
    const updated = await rollout.sets.update({
      ...found,
      metadata: { ...found.metadata, annotations: wanted },
      spec: { ...found.spec, minReadySeconds },
    });
    replaceSet(rollout, updated);
    markRevision(rollout, updated);
    return updated;
  }
  markRevision(rollout, found);
  if (
    progressDeadlineMs(deployment) !== undefined &&
    conditionOf(deployment.status?.conditions, 'Progressing') === undefined
  )
    setProgressing(rollout, 'True', reasons.found, `Found new replica set "${found.metadata.name ?? ''}"`);
  return found;
}

async function createNewSet(rollout: Rollout, revision: bigint): Promise<ReplicaSet> {
  const { deployment, recorder } = rollout;
  const wanted = newSetFor(rollout, revision);
  const name = wanted.metadata.name ?? '';
  let created: ReplicaSet;
  try {
    created = await rollout.sets.create(wanted);
  } catch (error) {
    if (reasonOf(error) === 'AlreadyExists') return takeExisting(rollout, name, error);
    if (isNamespaceTerminating(error)) throw error;
    const message = `Failed to create new replica set "${name}": ${error instanceof Error ? error.message : String(error)}`;
    if (progressDeadlineMs(deployment) !== undefined) {
      setProgressing(rollout, 'False', reasons.createFailed, message);
      await writeStatus(rollout, rollout.deployment.status ?? {});
    }
    recorder.event(deployment, refs.deployments, { type: 'Warning', reason: 'FailedCreate', message });
    throw error;
  }
  replaceSet(rollout, created);
  const replicas = wanted.spec?.replicas ?? 0;
  if (replicas > 0)
    recorder.event(deployment, refs.deployments, {
      type: 'Normal',
      reason: 'ScalingReplicaSet',
      message: `Scaled up replica set ${name} from 0 to ${String(replicas)}`,
    });
  markRevision(rollout, created);
  if (progressDeadlineMs(deployment) !== undefined)
    setProgressing(rollout, 'True', reasons.created, `Created new replica set "${name}"`);
  // At once: what follows may fail, and the next look would take the ReplicaSet for one that it found.
  await writeStatus(rollout, rollout.deployment.status ?? {});
  return created;
}

/** Our own that the cache does not show yet is taken; another's means that the hash collided and the next name is tried. */
async function takeExisting(rollout: Rollout, name: string, conflict: unknown): Promise<ReplicaSet> {
  const { deployment } = rollout;
  const existing = await rollout.sets.get(deployment.metadata.namespace ?? '', name);
  if (
    controllerOf(existing)?.uid === deployment.metadata.uid &&
    isSameTemplate(existing.spec?.template, deployment.spec?.template)
  ) {
    replaceSet(rollout, existing);
    markRevision(rollout, existing);
    return existing;
  }
  const status = rollout.deployment.status ?? {};
  await writeStatus(rollout, { ...status, collisionCount: (status.collisionCount ?? 0) + 1 });
  throw conflict;
}

function newSetFor({ deployment, all }: Rollout, revision: bigint): ReplicaSet {
  const { metadata, spec } = deployment;
  const template = spec?.template ?? {};
  const hash = podTemplateHash(template, deployment.status?.collisionCount);
  const labels = { ...template.metadata?.labels, [podTemplateHashLabel]: hash };
  const set: KubeObject & ReplicaSet = {
    metadata: {
      name: `${metadata.name ?? ''}-${hash}`,
      namespace: metadata.namespace ?? '',
      labels,
      ownerReferences: [newControllerReference(deployment, deploymentType)],
    },
    spec: {
      replicas: newSetReplicas(deployment, all, 0),
      minReadySeconds: spec?.minReadySeconds ?? 0,
      selector: { ...spec?.selector, matchLabels: { ...spec?.selector?.matchLabels, [podTemplateHashLabel]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
  set.metadata.annotations = { ...newSetAnnotations(deployment, set, revision), ...replicaAnnotations(deployment) };
  return set;
}

/** The Deployment carries the revision of its newest ReplicaSet: `kubectl rollout` reads it there. */
function markRevision({ deployment }: Rollout, set: ReplicaSet): void {
  const revision = set.metadata.annotations?.[annotations.revision];
  if (revision !== undefined)
    deployment.metadata.annotations = { ...deployment.metadata.annotations, [annotations.revision]: revision };
}

function setProgressing(
  { deployment, clock }: Rollout,
  status: 'True' | 'False',
  reason: string,
  message: string,
): void {
  const condition: Condition = newCondition({ type: 'Progressing', status, reason, message, nowMs: clock.nowMs() });
  deployment.status = {
    ...deployment.status,
    conditions: withDeploymentCondition(deployment.status?.conditions ?? [], condition),
  };
}
