import { newControllerReference, reasonOf, semanticEqual } from '@reckon/api/machinery';
import type { ResourceClient } from '@reckon/client/rest';
import { type ControllerRevision, byRevision, maxRevision } from '../controller-history/revision';
import { type TemplatePatch, holdsTemplate, templatePatch } from '../controller-history/template-patch';
import { deleteRevision, updateRevision } from '../controller-history/update-revision';
import { podTemplateHash } from '../deployment/pod-template-hash';
import type { Pod } from '../replica-set/pod-state';
import { type DaemonSet, daemonSetType, hashLabel } from './daemon-set';

const defaultHistoryLimit = 10;

export interface HistoryTools {
  readonly client: ResourceClient<DaemonSet>;
  readonly pods: ResourceClient<Pod>;
  readonly revisionClient: ResourceClient<ControllerRevision>;
}

export interface History {
  /** That of the set's template. */
  readonly current: ControllerRevision;
  readonly old: readonly ControllerRevision[];
}

export const hashOf = ({ metadata }: ControllerRevision): string => metadata.labels?.[hashLabel] ?? '';

/**
 * The revision of the set's template, made if there is none, with a number above all others (daemon `constructHistory`). `known` are
 * those that the set controls.
 */
export async function historyOf(
  tools: HistoryTools,
  set: DaemonSet,
  known: readonly ControllerRevision[],
  pods: readonly Pod[],
): Promise<History> {
  const patch = templatePatch(set.spec?.template ?? {});
  const all = await Promise.all(known.map((revision) => withHash(tools, revision)));
  const old = all.filter((revision) => !holdsTemplate(revision, patch));
  const [kept, ...twins] = all.filter((revision) => holdsTemplate(revision, patch)).sort((a, b) => byRevision(b, a));
  const number = maxRevision(old) + 1;
  if (kept === undefined) return { current: await snapshot(tools, set, patch, number), old };
  if (twins.length > 0) await mergeTwins(tools, kept, twins, pods);
  if (kept.revision >= number) return { current: kept, old };
  const current = await updateRevision(tools.revisionClient, kept, (r) => ({ ...r, revision: number }));
  return { current, old };
}

/** One of before there were hashes is known by its name. */
async function withHash({ revisionClient }: HistoryTools, revision: ControllerRevision): Promise<ControllerRevision> {
  if (hashOf(revision) !== '') return revision;
  return updateRevision(revisionClient, revision, (r) => ({
    ...r,
    metadata: { ...r.metadata, labels: { ...r.metadata.labels, [hashLabel]: r.metadata.name ?? '' } },
  }));
}

/** Two of the same template: one stays, and all pods are its (daemon `dedupCurHistories`). */
async function mergeTwins(
  { revisionClient, pods: podClient }: HistoryTools,
  kept: ControllerRevision,
  twins: readonly ControllerRevision[],
  pods: readonly Pod[],
): Promise<void> {
  const hash = hashOf(kept);
  for (const { metadata } of pods)
    if (metadata.labels?.[hashLabel] !== hash)
      await podClient.patch(metadata.namespace ?? '', metadata.name ?? '', {
        type: 'merge',
        body: { metadata: { labels: { [hashLabel]: hash } } },
      });
  for (const twin of twins) await deleteRevision(revisionClient, twin);
}

async function snapshot(
  tools: HistoryTools,
  set: DaemonSet,
  data: TemplatePatch,
  revision: number,
): Promise<ControllerRevision> {
  const { name = '', namespace = '', annotations } = set.metadata;
  const template = set.spec?.template ?? {};
  const hash = podTemplateHash(template, set.status?.collisionCount);
  const wanted: ControllerRevision = {
    metadata: {
      name: `${name}-${hash}`,
      namespace,
      labels: { ...template.metadata?.labels, [hashLabel]: hash },
      ...(annotations === undefined ? {} : { annotations }),
      ownerReferences: [newControllerReference(set, daemonSetType)],
    },
    data,
    revision,
  };
  try {
    return await tools.revisionClient.create(wanted);
  } catch (error) {
    if (reasonOf(error) !== 'AlreadyExists') throw error;
    const existing = await tools.revisionClient.get(namespace, `${name}-${hash}`);
    if (holdsTemplate(existing, data)) return existing;
    await countCollision(tools, set);
    throw error;
  }
}

/** Another template has the name: the next try makes another hash. A count that has changed already has done that. */
async function countCollision({ client }: HistoryTools, set: DaemonSet): Promise<void> {
  const live = await client.get(set.metadata.namespace ?? '', set.metadata.name ?? '');
  const collisionCount = live.status?.collisionCount;
  if (!semanticEqual(collisionCount, set.status?.collisionCount)) return;
  const none = { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 };
  await client.updateStatus({
    ...live,
    status: { ...none, ...live.status, collisionCount: (collisionCount ?? 0) + 1 },
  });
}

/** Deletes the oldest revisions over the history limit that no pod is of (daemon `cleanupHistory`). */
export async function truncateHistory(
  { revisionClient }: HistoryTools,
  set: DaemonSet,
  old: readonly ControllerRevision[],
  pods: readonly Pod[],
): Promise<void> {
  const surplus = old.length - (set.spec?.revisionHistoryLimit ?? defaultHistoryLimit);
  if (surplus <= 0) return;
  const live = new Set(pods.map(({ metadata }) => metadata.labels?.[hashLabel] ?? ''));
  const dead = [...old].sort(byRevision).filter((revision) => !live.has(hashOf(revision)));
  for (const revision of dead.slice(0, surplus)) await deleteRevision(revisionClient, revision);
}
