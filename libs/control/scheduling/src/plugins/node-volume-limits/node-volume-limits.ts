import type { NodeInfo } from '../../cache/node-info';
import { isPodEvent } from '../../framework/cluster-event';
import { stateKey } from '../../framework/cycle-state';
import type { CsiNode, Pod, VolumeAttachment } from '../../framework/kinds';
import type { Plugin } from '../../framework/plugin';
import { errorStatus, skip, unresolvable, unschedulable } from '../../framework/status';
import type { VolumeView } from '../volume-binding/pod-volumes';
import { type AttachableVolumes, addAttachable, attachedName, mayAttach } from './attachable-volumes';

const name = 'NodeVolumeLimits';
const rejected = unschedulable(name, 'node(s) exceed max volume count');

export interface NodeVolumeLimitsDeps {
  readonly view: VolumeView;
  /** By the name of the node. */
  readonly csiNode: (nodeName: string) => CsiNode | undefined;
  readonly attachmentsTo: (nodeName: string) => readonly VolumeAttachment[];
}

const wanted = stateKey<AttachableVolumes>(name);

/** Keeps a pod from nodes to which no more volumes of a driver can be attached, as their CSINode says (plugins/nodevolumelimits). */
export const nodeVolumeLimits = (deps: NodeVolumeLimitsDeps): Plugin => ({
  name,
  hints: [
    { resource: 'CSINode', actions: ['Add'] },
    {
      resource: 'CSINode',
      actions: ['Update'],
      helps: (_, event) => event.resource !== 'CSINode' || allowsMore(event.before, event.after),
    },
    {
      resource: 'AssignedPod',
      actions: ['Delete'],
      helps: (_, event) => !isPodEvent(event) || event.before === undefined || mayAttach(event.before),
    },
    {
      resource: 'PersistentVolumeClaim',
      actions: ['Add'],
      helps: ({ pod }, event) =>
        event.resource !== 'PersistentVolumeClaim' ||
        (event.after?.metadata.namespace === pod.metadata.namespace && names(pod, event.after?.metadata.name ?? '')),
    },
    {
      resource: 'VolumeAttachment',
      actions: ['Delete'],
      helps: ({ pod }, event) => {
        if (event.resource !== 'VolumeAttachment') return true;
        const own: AttachableVolumes = new Map();
        addAttachable(deps.view, pod, own);
        return [...own.values()].includes(event.before?.spec.attacher ?? '');
      },
    },
  ],
  preFilter: (_, { pod }) => (mayAttach(pod) ? {} : { status: skip }),
  filter(state, { pod }, node) {
    let own = state.read(wanted);
    if (own === undefined) {
      own = new Map();
      const refusal = addAttachable(deps.view, pod, own);
      if (refusal !== undefined)
        return refusal.startsWith('looking up') ? unresolvable(name, refusal) : errorStatus(name, refusal);
      state.write(wanted, own);
    }
    return own.size === 0 || fits(deps, own, node) ? undefined : rejected;
  },
});

function fits({ view, csiNode, attachmentsTo }: NodeVolumeLimitsDeps, own: AttachableVolumes, node: NodeInfo): boolean {
  const limits = limitsOf(csiNode(node.name));
  if (![...own.values()].some((driver) => limits.has(driver))) return true;
  const there: AttachableVolumes = new Map();
  for (const { pod } of node.pods.values()) addAttachable(view, pod, there);
  const counts = new Map<string, number>();
  // A volume that is attached already costs nothing more, however many pods use it.
  for (const [volume, driver] of own) if (!there.has(volume)) count(counts, driver);
  if (counts.size === 0) return true;
  // Those whose pods are gone hold their place until they are detached.
  for (const { spec } of attachmentsTo(node.name)) {
    const volume = view.volumes.byKey(spec.source.persistentVolumeName ?? '');
    const attached = volume === undefined ? undefined : attachedName(volume);
    if (attached !== undefined && !own.has(attached)) there.set(attached, spec.attacher);
  }
  const occupied = new Map<string, number>();
  for (const driver of there.values()) count(occupied, driver);
  for (const [driver, more] of counts)
    if ((occupied.get(driver) ?? 0) + more > (limits.get(driver) ?? Infinity)) return false;
  return true;
}

const count = (counts: Map<string, number>, driver: string): void => {
  counts.set(driver, (counts.get(driver) ?? 0) + 1);
};

const noLimits: ReadonlyMap<string, number> = new Map();

function limitsOf(node: CsiNode | undefined): ReadonlyMap<string, number> {
  if (node === undefined) return noLimits;
  const limits = new Map<string, number>();
  for (const { name: driver, allocatable } of node.spec.drivers)
    if (allocatable?.count !== undefined) limits.set(driver, allocatable.count);
  return limits;
}

function allowsMore(before: CsiNode | undefined, after: CsiNode | undefined): boolean {
  const then = limitsOf(before);
  for (const [driver, limit] of limitsOf(after)) if (limit > (then.get(driver) ?? Infinity)) return true;
  return false;
}

const names = ({ metadata, spec }: Pod, claimName: string): boolean =>
  spec?.volumes?.some(
    ({ name: volume, persistentVolumeClaim, ephemeral }) =>
      persistentVolumeClaim?.claimName === claimName ||
      (ephemeral !== undefined && `${metadata.name ?? ''}-${volume}` === claimName),
  ) === true;
