import { semanticEqual } from '@reckon/api/machinery';
import { objectKey } from '@reckon/client/cache';
import {
  boundTo,
  classNameOf,
  claimUses,
  isDelayed,
  isFullyBound,
  isMadeFor,
  marked,
  volumeMarks,
} from '@reckon/control/runtime';
import type { ClusterEvent } from '../../framework/cluster-event';
import { stateKey } from '../../framework/cycle-state';
import type { Pod } from '../../framework/kinds';
import type { Plugin } from '../../framework/plugin';
import { errorStatus, skip, unresolvable } from '../../framework/status';
import { bindVolumes, type BindVolumesDeps } from './bind-volumes';
import { spaceHints } from './space-hints';
import { claimKeysOf, podClaims, type PodClaims, type PodVolumes, podVolumesOn, type VolumeView } from './pod-volumes';

const name = 'VolumeBinding';
const unbound = unresolvable(name, 'pod has unbound immediate PersistentVolumeClaims');

interface VolumeState {
  readonly claims: PodClaims;
  /** By the name of the node, what was found to fit. */
  readonly byNode: Map<string, PodVolumes>;
}

const volumeState = stateKey<VolumeState>(name);

/**
 * Keeps pods from nodes that cannot reach their volumes, and chooses volumes for the claims that wait for a node (plugins/volumebinding).
 * What is chosen counts at once for the pods after it; it is written beside the next pods' cycles.
 */
export const volumeBinding = (deps: BindVolumesDeps): Plugin => ({
  name,
  hints: [
    { resource: 'StorageClass', actions: ['Add', 'Update'], helps: (_, event) => isOtherTopology(event) },
    {
      resource: 'PersistentVolumeClaim',
      actions: ['Add', 'Update'],
      helps: ({ pod }, event) =>
        event.resource !== 'PersistentVolumeClaim' ||
        (event.after !== undefined && claimKeysOf(pod).includes(objectKey(event.after))),
    },
    {
      resource: 'PersistentVolume',
      actions: ['Add', 'Update'],
      helps: ({ pod }, event) =>
        event.resource !== 'PersistentVolume' || isAwaited(deps.view, pod, event.after?.metadata.name),
    },
    { resource: 'Node', actions: ['Add', 'UpdateNodeLabel'] },
    ...spaceHints,
  ],

  preFilter(state, { pod }) {
    const uses = claimUses(pod);
    if (uses.length === 0) return { status: skip };
    const refusal = refusalOf(deps.view, pod);
    if (refusal !== undefined) return { status: unresolvable(name, refusal) };
    const claims = podClaims(deps.view, pod);
    if (claims === undefined) return { status: unbound };
    state.write(volumeState, { claims, byNode: new Map() });
    return {};
  },

  filter(state, _pod, node) {
    const known = state.read(volumeState);
    if (known === undefined) return undefined;
    const found = podVolumesOn(deps.view, known.claims, node);
    if (Array.isArray(found)) return unresolvable(name, ...found);
    known.byNode.set(node.name, found);
    return undefined;
  },

  reserve(state, _pod, nodeName) {
    const known = state.read(volumeState);
    const found = known?.byNode.get(nodeName);
    if (known === undefined || found === undefined || isNothing(found)) return undefined;
    const bindings = found.bindings.map(({ volume, claim }) => ({ volume: boundTo(volume, claim), claim }));
    const provisions = found.provisions.map((claim) => ({
      ...claim,
      metadata: marked(claim, { [volumeMarks.selectedNode]: nodeName }),
    }));
    for (const { volume } of bindings) deps.view.volumes.keep(volume);
    for (const claim of provisions) deps.view.claims.keep(claim);
    known.byNode.set(nodeName, { bindings, provisions });
    return undefined;
  },

  unreserve(state, _pod, nodeName) {
    const found = state.read(volumeState)?.byNode.get(nodeName);
    for (const { volume } of found?.bindings ?? []) deps.view.volumes.restore(objectKey(volume));
    for (const claim of found?.provisions ?? []) deps.view.claims.restore(objectKey(claim));
  },

  preBindPreFlight(state, _pod, nodeName) {
    const found = state.read(volumeState)?.byNode.get(nodeName);
    return found !== undefined && !isNothing(found);
  },

  async preBind(state, { key }, nodeName) {
    const found = state.read(volumeState)?.byNode.get(nodeName);
    if (found === undefined || isNothing(found)) return undefined;
    try {
      await bindVolumes(deps, { key, nodeName }, found);
      return undefined;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return errorStatus(name, new Error(`running PreBind plugin "${name}": ${why}`, { cause: error }));
    }
  },
});

const isNothing = ({ bindings, provisions }: PodVolumes): boolean => bindings.length + provisions.length === 0;

/** What is wrong with the claims themselves, wherever the pod would go (`podHasPVCs`). */
function refusalOf({ claims }: VolumeView, pod: Pod): string | undefined {
  const { namespace = '', name: podName = '' } = pod.metadata;
  for (const { claimName, isEphemeral } of claimUses(pod)) {
    const claim = claims.byKey(`${namespace}/${claimName}`);
    if (claim === undefined)
      return isEphemeral
        ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${claimName}"`
        : `persistentvolumeclaim "${claimName}" not found`;
    if (claim.status?.phase === 'Lost')
      return `persistentvolumeclaim "${claimName}" bound to non-existent persistentvolume "${claim.spec?.volumeName ?? ''}"`;
    if (claim.metadata.deletionTimestamp !== undefined) return `persistentvolumeclaim "${claimName}" is being deleted`;
    if (isEphemeral && !isMadeFor(claim, pod))
      return `PVC ${namespace}/${claimName} was not created for pod ${namespace}/${podName} (pod is not owner)`;
  }
  return undefined;
}

function isOtherTopology(event: ClusterEvent): boolean {
  if (event.resource !== 'StorageClass' || event.before === undefined) return true;
  return !semanticEqual(event.before.allowedTopologies ?? [], event.after?.allowedTopologies ?? []);
}

/** A claim that waits for the controller of volumes is not helped by a volume, but by what the controller makes of it. */
const isAwaited = ({ claims, classes }: VolumeView, pod: Pod, volumeName: string | undefined): boolean =>
  claimKeysOf(pod).some((key) => {
    const claim = claims.byKey(key);
    if (claim === undefined) return false;
    return isFullyBound(claim) ? claim.spec?.volumeName === volumeName : isDelayed(classes.byKey(classNameOf(claim)));
  });
