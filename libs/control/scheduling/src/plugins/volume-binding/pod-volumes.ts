import type { corev1 } from '@reckon/api/types';
import type { Lister } from '@reckon/client/cache';
import type { Claim, NewestObjects, StorageClass, Volume } from '@reckon/control/runtime';
import {
  classNameOf,
  claimUses,
  compareSizes,
  findMatchingVolume,
  isDelayed,
  isFullyBound,
  requestOf,
  volumeMarks,
} from '@reckon/control/runtime';
import type { NodeInfo } from '../../cache/node-info';
import type { Pod } from '../../framework/kinds';
import { termMatches } from '../node-selector';
import { hasEnoughSpace, type StorageSpace } from './storage-space';

/** What the plugin knows of volumes: the watches' view, and what it has decided for pods that are not bound yet. */
export interface VolumeView {
  readonly volumes: NewestObjects<Volume>;
  readonly claims: NewestObjects<Claim>;
  readonly classes: Pick<Lister<StorageClass>, 'byKey'>;
  /** What CSI drivers tell of the room that is left. */
  readonly space: StorageSpace;
}

/** The claims of a pod, by what is to be done about them. */
export interface PodClaims {
  readonly bound: readonly Claim[];
  /** Bound when the pod has its node, the smallest first. */
  readonly delayed: readonly Claim[];
}

/** What a pod needs on one node. */
export interface PodVolumes {
  readonly bindings: readonly { readonly volume: Volume; readonly claim: Claim }[];
  readonly provisions: readonly Claim[];
}

const reasons = {
  noVolume: "node(s) didn't find available persistent volumes to bind",
  elsewhere: "node(s) didn't match PersistentVolume's node affinity",
  noSpace: 'node(s) did not have enough free storage',
  missing: 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)',
} as const;

export const claimKeysOf = (pod: Pod): string[] =>
  claimUses(pod).map(({ claimName }) => `${pod.metadata.namespace ?? ''}/${claimName}`);

/** Undefined: a claim waits for nobody, and yet has no volume (`GetPodVolumeClaims`). */
export function podClaims({ claims, classes }: VolumeView, pod: Pod): PodClaims | undefined {
  const bound: Claim[] = [];
  const delayed: Claim[] = [];
  for (const key of claimKeysOf(pod)) {
    const claim = claims.byKey(key);
    if (claim === undefined) continue;
    if (isFullyBound(claim)) bound.push(claim);
    else if (isDelayed(classes.byKey(classNameOf(claim))) && (claim.spec?.volumeName ?? '') === '') delayed.push(claim);
    else return undefined;
  }
  delayed.sort((a, b) => compareSizes(requestOf(a), requestOf(b)));
  return { bound, delayed };
}

/** Whether a node may use the volume (k8s.io/component-helpers/storage/volume.CheckNodeAffinity). */
export function isReachableFrom({ spec }: Volume, labels: Readonly<Record<string, string>>): boolean {
  const required = spec?.nodeAffinity?.required;
  return required === undefined || required.nodeSelectorTerms.some((term) => termMatches(term, '', labels));
}

/** What the pod needs on the node, or why it cannot have it there (`FindPodVolumes`). */
export function podVolumesOn(view: VolumeView, { bound, delayed }: PodClaims, node: NodeInfo): PodVolumes | string[] {
  const why: string[] = [];
  const refusal = boundRefusal(view, bound, node);
  if (refusal === reasons.elsewhere) why.push(refusal);
  const found = delayed.length === 0 ? nothing : forDelayed(view, delayed, node);
  if (typeof found === 'string') why.push(found);
  if (refusal === reasons.missing) why.push(refusal);
  return typeof found === 'string' || why.length > 0 ? why : found;
}

const nothing: PodVolumes = { bindings: [], provisions: [] };

function boundRefusal({ volumes }: VolumeView, bound: readonly Claim[], node: NodeInfo): string | undefined {
  for (const { spec } of bound) {
    const volume = volumes.byKey(spec?.volumeName ?? '');
    if (volume === undefined) return reasons.missing;
    if (!isReachableFrom(volume, node.labels)) return reasons.elsewhere;
  }
  return undefined;
}

/** Volumes that are there already, as far as they go; the rest must be made. A text: why they cannot be. */
function forDelayed(view: VolumeView, delayed: readonly Claim[], node: NodeInfo): PodVolumes | string {
  const provisions: Claim[] = [];
  const bindings: { volume: Volume; claim: Claim }[] = [];
  const taken = new Set<string>();
  // Where a volume is being made is settled.
  const asked = delayed.filter((claim) => claim.metadata.annotations?.[volumeMarks.selectedNode] !== undefined);
  if (asked.some((claim) => claim.metadata.annotations?.[volumeMarks.selectedNode] !== node.name))
    return reasons.noVolume;
  provisions.push(...asked);
  for (const claim of delayed) {
    if (asked.includes(claim)) continue;
    const isReachable = (volume: Volume): boolean => isReachableFrom(volume, node.labels);
    const volume = findMatchingVolume(claim, view.volumes.list(), { among: 'all', isReachable, taken });
    if (volume === undefined) provisions.push(claim);
    else {
      taken.add(volume.metadata.name ?? '');
      bindings.push({ volume, claim });
    }
  }
  for (const claim of provisions) {
    const refusal = provisionRefusal(view, claim, node);
    if (refusal !== undefined) return refusal;
  }
  return { bindings, provisions };
}

/** Why the claim's class makes no volume that this node can use (`checkVolumeProvisions`). */
function provisionRefusal({ classes, space }: VolumeView, claim: Claim, node: NodeInfo): string | undefined {
  const storageClass = classes.byKey(classNameOf(claim));
  if (storageClass === undefined) return reasons.noVolume;
  const { provisioner, allowedTopologies = [] } = storageClass;
  if (provisioner === '' || provisioner === 'kubernetes.io/no-provisioner') return reasons.noVolume;
  if (allowedTopologies.length > 0 && !allowedTopologies.some((term) => isWithin(term, node))) return reasons.noVolume;
  return hasEnoughSpace(space, storageClass, claim, node.labels) ? undefined : reasons.noSpace;
}

function isWithin({ matchLabelExpressions = [] }: corev1.TopologySelectorTerm, { labels }: NodeInfo): boolean {
  if (matchLabelExpressions.length === 0) return false;
  return matchLabelExpressions.every(({ key, values }) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    return value !== undefined && values.includes(value);
  });
}
