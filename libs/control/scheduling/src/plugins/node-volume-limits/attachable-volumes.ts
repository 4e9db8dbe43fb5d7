import { type Claim, classNameOf, isMadeFor, type Volume } from '@reckon/control/runtime';
import type { Pod } from '../../framework/kinds';
import type { VolumeView } from '../volume-binding/pod-volumes';
import { type CsiVolume, driverOfProvisioner, migratedVolume } from './migrated-volumes';

/** The driver by the name that tells one volume from every other. */
export type AttachableVolumes = Map<string, string>;

const nameOf = ({ driver, handle }: CsiVolume): string => `${driver}/${handle}`;

/** Whether any volume of the pod may count (nodevolumelimits.PreFilter). */
export const mayAttach = ({ spec }: Pod): boolean =>
  spec?.volumes?.some(
    (volume) => (volume.persistentVolumeClaim ?? volume.ephemeral ?? migratedVolume(volume)) !== undefined,
  ) === true;

/**
 * Adds the volumes of the pod that a CSI driver attaches (nodevolumelimits.filterAttachableVolumes). A text: a claim that is not as it
 * must be; the rest is added.
 */
export function addAttachable(view: VolumeView, pod: Pod, to: AttachableVolumes): string | undefined {
  const { namespace = '', name: podName = '' } = pod.metadata;
  let refusal: string | undefined;
  for (const volume of pod.spec?.volumes ?? []) {
    const { persistentVolumeClaim, ephemeral } = volume;
    if (persistentVolumeClaim === undefined && ephemeral === undefined) {
      const migrated = migratedVolume(volume);
      if (migrated !== undefined) to.set(nameOf(migrated), migrated.driver);
      continue;
    }
    const claimName = persistentVolumeClaim?.claimName ?? `${podName}-${volume.name}`;
    const claim = view.claims.byKey(`${namespace}/${claimName}`);
    if (claim === undefined)
      refusal ??= `looking up PVC ${namespace}/${claimName}: persistentvolumeclaim ${JSON.stringify(claimName)} not found`;
    else if (ephemeral !== undefined && !isMadeFor(claim, pod))
      refusal ??= `PVC ${namespace}/${claimName} was not created for pod ${namespace}/${podName} (pod is not owner)`;
    else {
      const found = csiVolumeOfClaim(view, claim);
      if (found !== undefined && found.driver !== '' && found.handle !== '') to.set(nameOf(found), found.driver);
    }
  }
  return refusal;
}

/** As its driver knows the volume; undefined when none has to do with it. */
export function csiVolumeOf({ metadata, spec }: Volume): CsiVolume | undefined {
  if (spec?.csi !== undefined) return { driver: spec.csi.driver, handle: spec.csi.volumeHandle };
  const { labels = {} } = metadata;
  return spec === undefined
    ? undefined
    : migratedVolume(
        spec,
        labels['topology.kubernetes.io/zone'] ?? labels['failure-domain.beta.kubernetes.io/zone'] ?? undefined,
      );
}

/** The name under which a volume counts that is attached. */
export const attachedName = (volume: Volume): string | undefined => {
  const found = csiVolumeOf(volume);
  return found === undefined ? undefined : nameOf(found);
};

/** A claim without a volume will have one of its class: it counts under a name of its own. */
function csiVolumeOfClaim({ volumes, classes }: VolumeView, claim: Claim): CsiVolume | undefined {
  const volume = volumes.byKey(claim.spec?.volumeName ?? '');
  if (volume !== undefined) return csiVolumeOf(volume);
  const storageClass = classes.byKey(classNameOf(claim));
  if (storageClass === undefined) return undefined;
  const { namespace = '', name = '' } = claim.metadata;
  return { driver: driverOfProvisioner(storageClass.provisioner), handle: `claim:${namespace}/${name}` };
}
