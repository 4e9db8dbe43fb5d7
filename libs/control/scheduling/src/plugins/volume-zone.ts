import { semanticEqual } from '@reckon/api/machinery';
import { objectKey } from '@reckon/client/cache';
import { classNameOf, isDelayed, type Volume } from '@reckon/control/runtime';
import { stateKey } from '../framework/cycle-state';
import type { Pod } from '../framework/kinds';
import type { Plugin } from '../framework/plugin';
import { type Status, skip, unresolvable } from '../framework/status';
import type { VolumeView } from './volume-binding/pod-volumes';
import { claimNamesOf, notFoundText } from '../cache/claims-of-pod';

const name = 'VolumeZone';
const rejected = unresolvable(name, 'node(s) had no available volume zone');

/** The zone or region that a volume's labels name. */
interface Topology {
  readonly key: string;
  readonly values: readonly string[];
}

/** Old names of labels first; a node may have the new one where the volume has the old one. */
const newNames: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
};
const topologyKeys = [...Object.keys(newNames), ...Object.values(newNames)];
/** Between the zones of a volume that is in several (cloud-provider/volume/helpers.LabelZonesToSet). */
const delimiter = '__';

const topologies = stateKey<readonly Topology[]>(name);

/** Keeps a pod from nodes that are in other zones than the labels of its volumes say (plugins/volumezone). */
export const volumeZone = (view: VolumeView): Plugin => ({
  name,
  hints: [
    {
      resource: 'StorageClass',
      actions: ['Add'],
      helps: (_, event) => event.resource !== 'StorageClass' || isDelayed(event.after),
    },
    { resource: 'Node', actions: ['Add', 'UpdateNodeLabel'] },
    {
      resource: 'PersistentVolumeClaim',
      actions: ['Add', 'Update'],
      helps: ({ pod }, event) =>
        event.resource !== 'PersistentVolumeClaim' ||
        (event.after !== undefined &&
          claimNamesOf(pod).some((one) => `${pod.metadata.namespace ?? ''}/${one}` === objectKey(event.after ?? {}))),
    },
    {
      resource: 'PersistentVolume',
      actions: ['Add', 'Update'],
      helps: (_, event) =>
        event.resource !== 'PersistentVolume' ||
        event.before === undefined ||
        !semanticEqual(topologiesOf(event.before), event.after === undefined ? [] : topologiesOf(event.after)),
    },
  ],
  preFilter(state, { pod }) {
    const found = topologiesOfPod(view, pod);
    if (!Array.isArray(found)) return { status: found };
    if (found.length === 0) return { status: skip };
    state.write(topologies, found);
    return {};
  },
  filter(state, _pod, { labels }) {
    // In a cluster of one zone nodes need not say where they are.
    if (!topologyKeys.some((key) => Object.hasOwn(labels, key))) return undefined;
    for (const { key, values } of state.read(topologies) ?? []) {
      const own = Object.hasOwn(labels, key) ? key : (newNames[key] ?? key);
      const value = Object.hasOwn(labels, own) ? labels[own] : undefined;
      if (value === undefined || !values.includes(value)) return rejected;
    }
    return undefined;
  },
});

function topologiesOfPod({ claims, volumes, classes }: VolumeView, pod: Pod): Topology[] | Status {
  const found: Topology[] = [];
  for (const claimName of claimNamesOf(pod)) {
    const claim = claims.byKey(`${pod.metadata.namespace ?? ''}/${claimName}`);
    if (claim === undefined) return unresolvable(name, notFoundText('persistentvolumeclaim', claimName));
    const volumeName = claim.spec?.volumeName ?? '';
    if (volumeName === '') {
      const className = classNameOf(claim);
      if (className === '') return unresolvable(name, 'PersistentVolumeClaim had no pv name and storageClass name');
      const storageClass = classes.byKey(className);
      if (storageClass === undefined) return unresolvable(name, notFoundText('storageclass.storage.k8s.io', className));
      if (isDelayed(storageClass)) continue;
      return unresolvable(name, 'PersistentVolume had no name');
    }
    const volume = volumes.byKey(volumeName);
    if (volume === undefined) return unresolvable(name, notFoundText('persistentvolume', volumeName));
    found.push(...topologiesOf(volume));
  }
  return found;
}

function topologiesOf({ metadata: { labels = {} } }: Volume): Topology[] {
  return topologyKeys.flatMap((key) => {
    const label = Object.hasOwn(labels, key) ? labels[key] : undefined;
    if (label === undefined) return [];
    const values = label.split(delimiter).map((zone) => zone.trim());
    // A label that says nothing of use says nothing.
    return values.includes('') ? [] : [{ key, values }];
  });
}
