import type { corev1 } from '@reckon/api/types';
import type { PodInfo } from '../../cache/pod-info';
import { isPodEvent } from '../../framework/cluster-event';
import { type Cloneable, stateKey } from '../../framework/cycle-state';
import type { Plugin } from '../../framework/plugin';
import { skip, unresolvable, unschedulable } from '../../framework/status';
import type { VolumeView } from '../volume-binding/pod-volumes';
import { claimNamesOf, notFoundText } from '../../cache/claims-of-pod';
import { conflicts, exclusiveVolumes } from './disk-conflict';

const name = 'VolumeRestrictions';
const noDisk = unschedulable(name, 'node(s) had no available disk');
const inUse = unschedulable(
  name,
  'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod',
);

export interface VolumeRestrictionsDeps {
  readonly claims: Pick<VolumeView['claims'], 'byKey'>;
  /** Whether a pod that has a node uses the claim, `namespace/name`. */
  readonly isClaimInUse: (key: string) => boolean;
}

/** What the pod wants for itself alone. */
class Exclusive implements Cloneable {
  constructor(
    readonly volumes: readonly corev1.Volume[],
    private readonly claimKeys: ReadonlySet<string>,
    /** How often pods that have a node use those claims. */
    private uses: number,
  ) {}

  get isInUse(): boolean {
    return this.uses > 0;
  }

  count({ claimKeys }: PodInfo, sign: 1 | -1): void {
    for (const key of claimKeys) if (this.claimKeys.has(key)) this.uses += sign;
  }

  clone(): Exclusive {
    return new Exclusive(this.volumes, this.claimKeys, this.uses);
  }
}

const exclusive = stateKey<Exclusive>(name);

/** Disks that one node cannot share, and claims that are for one pod at a time (plugins/volumerestrictions). */
export const volumeRestrictions = ({ claims, isClaimInUse }: VolumeRestrictionsDeps): Plugin => ({
  name,
  hints: [
    {
      resource: 'AssignedPod',
      actions: ['Delete'],
      helps: ({ pod }, event) => {
        if (!isPodEvent(event) || event.before === undefined) return true;
        if (event.before.metadata.namespace !== pod.metadata.namespace) return false;
        const wanted = claimNamesOf(pod);
        return (
          conflicts(exclusiveVolumes(pod), event.before) ||
          claimNamesOf(event.before).some((claimName) => wanted.includes(claimName))
        );
      },
    },
    { resource: 'Node', actions: ['Add'] },
    {
      resource: 'PersistentVolumeClaim',
      actions: ['Add'],
      helps: ({ pod }, event) =>
        event.resource !== 'PersistentVolumeClaim' ||
        (event.after?.metadata.namespace === pod.metadata.namespace &&
          claimNamesOf(pod).includes(event.after?.metadata.name ?? '')),
    },
  ],
  preFilter(state, { pod, claimKeys }) {
    const volumes = exclusiveVolumes(pod);
    if (volumes.length + claimKeys.length === 0) return { status: skip };
    const own = new Set<string>();
    let uses = 0;
    for (const key of claimKeys) {
      const claim = claims.byKey(key);
      if (claim === undefined)
        return { status: unresolvable(name, notFoundText('persistentvolumeclaim', key.slice(key.indexOf('/') + 1))) };
      if (claim.spec?.accessModes?.includes('ReadWriteOncePod') !== true || own.has(key)) continue;
      own.add(key);
      if (isClaimInUse(key)) uses++;
    }
    if (volumes.length + uses === 0) return { status: skip };
    state.write(exclusive, new Exclusive(volumes, own, uses));
    return {};
  },
  addPod: (state, _pod, other) => state.read(exclusive)?.count(other, 1),
  removePod: (state, _pod, other) => state.read(exclusive)?.count(other, -1),
  filter(state, _pod, node) {
    const wanted = state.read(exclusive);
    if (wanted === undefined) return undefined;
    if (wanted.volumes.length > 0)
      for (const { pod } of node.pods.values()) if (conflicts(wanted.volumes, pod)) return noDisk;
    return wanted.isInUse ? inUse : undefined;
  },
});
