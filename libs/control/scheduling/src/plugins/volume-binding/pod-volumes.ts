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

/** What the plugin knows of volumes: the watches' view, and what it has decided for pods that are not bound yet. */
export interface VolumeView {
  readonly volumes: NewestObjects<Volume>;
  readonly claims: NewestObjects<Claim>;
  readonly classes: Pick<Lister<StorageClass>, 'byKey'>;
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
  elsewhere: 'node(s) had volume node affinity conflict',
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
  if (found === undefined) why.push(reasons.noVolume);
  if (refusal === reasons.missing) why.push(refusal);
  return found === undefined || why.length > 0 ? why : found;
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

/** Volumes that are there already, as far as they go; the rest must be made. */
function forDelayed(view: VolumeView, delayed: readonly Claim[], node: NodeInfo): PodVolumes | undefined {
  const provisions: Claim[] = [];
  const bindings: { volume: Volume; claim: Claim }[] = [];
  const taken = new Set<string>();
  // Where a volume is being made is settled.
  const asked = delayed.filter((claim) => claim.metadata.annotations?.[volumeMarks.selectedNode] !== undefined);
  if (asked.some((claim) => claim.metadata.annotations?.[volumeMarks.selectedNode] !== node.name)) return undefined;
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
  return provisions.every((claim) => canBeMade(view, claim, node)) ? { bindings, provisions } : undefined;
}

/** Whether the claim's class makes volumes that this node can use (`checkVolumeProvisions`). */
function canBeMade({ classes }: VolumeView, claim: Claim, node: NodeInfo): boolean {
  const storageClass = classes.byKey(classNameOf(claim));
  if (storageClass === undefined) return false;
  const { provisioner, allowedTopologies = [] } = storageClass;
  if (provisioner === '' || provisioner === 'kubernetes.io/no-provisioner') return false;
  return allowedTopologies.length === 0 || allowedTopologies.some((term) => isWithin(term, node));
}

function isWithin({ matchLabelExpressions = [] }: corev1.TopologySelectorTerm, { labels }: NodeInfo): boolean {
  if (matchLabelExpressions.length === 0) return false;
  return matchLabelExpressions.every(({ key, values }) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    return value !== undefined && values.includes(value);
  });
}
