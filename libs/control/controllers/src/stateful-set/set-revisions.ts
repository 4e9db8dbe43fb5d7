import { type LabelSelector, newControllerReference, reasonOf } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Lister } from '@reckon/client/cache';
import type { ResourceClient } from '@reckon/client/rest';
import { type ControllerRevision, byRevision } from '../controller-history/revision';
import { patchHash, revisionName } from '../controller-history/revision-name';
import { type TemplatePatch, holdsTemplate, templateOf, templatePatch } from '../controller-history/template-patch';
import { deleteRevision, updateRevision } from '../controller-history/update-revision';
import { claim } from '../ownership/claim';
import { claimable } from '../ownership/controller-index';
import type { Pod } from '../replica-set/pod-state';
import { type StatefulSet, podRevision, statefulSetType } from './stateful-set';

const hashLabel = 'controller.kubernetes.io/hash';
const defaultHistoryLimit = 10;

export interface SetRevisions {
  /** What the pods were before the rollout, and are below the partition. */
  readonly current: ControllerRevision;
  /** What the set asks for now. */
  readonly update: ControllerRevision;
  readonly collisionCount: number;
}

export interface RevisionTools {
  readonly revisions: Lister<ControllerRevision>;
  readonly revisionClient: ResourceClient<ControllerRevision>;
}

/** The revisions that are the set's or nobody's and that it selects, adopted, the oldest first. */
export async function knownRevisions(
  { revisions, revisionClient }: RevisionTools,
  set: StatefulSet,
  selector: LabelSelector,
  freshOwner: () => Promise<StatefulSet>,
): Promise<ControllerRevision[]> {
  const candidates = claimable(revisions, set).filter(({ metadata }) => selector.matches(metadata.labels));
  const own = await claim({
    owner: set,
    ownerType: statefulSetType,
    selector,
    candidates,
    client: revisionClient,
    freshOwner,
  });
  return own.sort(byRevision);
}

/**
 * The revision of the set's template, made if there is none; one that had it before becomes the newest
 * (statefulset `getStatefulSetRevisions`).
 */
export async function syncRevisions(
  { revisionClient }: RevisionTools,
  set: StatefulSet,
  known: readonly ControllerRevision[],
): Promise<SetRevisions> {
  const patch = templatePatch(set.spec?.template ?? {});
  const newest = known.at(-1);
  const next = (newest?.revision ?? 0) + 1;
  const equal = known.findLast((revision) => holdsTemplate(revision, patch));
  const collisionCount = set.status?.collisionCount ?? 0;
  if (equal === undefined) {
    const made = await createRevision(revisionClient, set, patch, next);
    return {
      current: currentOf(set, known) ?? made.revision,
      update: made.revision,
      collisionCount: made.collisionCount,
    };
  }
  const update =
    equal === newest ? equal : await updateRevision(revisionClient, equal, (r) => ({ ...r, revision: next }));
  return { current: currentOf(set, known) ?? update, update, collisionCount };
}

const currentOf = (set: StatefulSet, known: readonly ControllerRevision[]): ControllerRevision | undefined =>
  known.find(({ metadata }) => metadata.name === set.status?.currentRevision);

/** The template of a revision; the set's own where a foreign hand has spoilt the revision. */
export const templateOfRevision = (
  set: StatefulSet,
  revision: ControllerRevision,
): corev1.PodTemplateSpec | undefined => templateOf(revision) ?? set.spec?.template;

/** A name that another template has already raises the collision count until one is free (`CreateControllerRevision`). */
async function createRevision(
  client: ResourceClient<ControllerRevision>,
  set: StatefulSet,
  data: TemplatePatch,
  revision: number,
): Promise<{ readonly revision: ControllerRevision; readonly collisionCount: number }> {
  const { name = '', namespace = '', annotations } = set.metadata;
  for (let collisionCount = set.status?.collisionCount ?? 0; ; collisionCount++) {
    const hash = patchHash(data, collisionCount);
    const wanted: ControllerRevision = {
      metadata: {
        name: revisionName(name, hash),
        namespace,
        labels: { ...set.spec?.template.metadata?.labels, [hashLabel]: hash },
        ...(annotations === undefined ? {} : { annotations }),
        ownerReferences: [newControllerReference(set, statefulSetType)],
      },
      data,
      revision,
    };
    try {
      return { revision: await client.create(wanted), collisionCount };
    } catch (error) {
      if (reasonOf(error) !== 'AlreadyExists') throw error;
      const existing = await client.get(namespace, wanted.metadata.name ?? '');
      if (holdsTemplate(existing, data)) return { revision: existing, collisionCount };
    }
  }
}

/** Deletes the oldest revisions over the history limit that no pod is of (statefulset `truncateHistory`). */
export async function truncateHistory(
  { revisionClient }: RevisionTools,
  set: StatefulSet,
  known: readonly ControllerRevision[],
  inUse: { readonly revisions: SetRevisions | undefined; readonly pods: readonly Pod[] },
): Promise<void> {
  const limit = set.spec?.revisionHistoryLimit ?? defaultHistoryLimit;
  const { revisions, pods } = inUse;
  const live = new Set([revisions?.current.metadata.name, revisions?.update.metadata.name, ...pods.map(podRevision)]);
  const old = known.filter(({ metadata }) => !live.has(metadata.name));
  if (limit < 0) return;
  for (const revision of old.slice(0, Math.max(0, old.length - limit))) await deleteRevision(revisionClient, revision);
}
