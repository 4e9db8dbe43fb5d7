import { type KubeObject, reasonOf } from '@reckon/api/machinery';
import type { corev1, storagev1 } from '@reckon/api/types';
import { refs } from '@reckon/client/rest';
import { Controller, done } from '@reckon/control/runtime';
import type { ControllerRow } from '../controller-context';
import { startWhenSynced } from '../start-when-synced';
import type { Claim } from './claim-use';
import { meetNeed, needOf } from './protection';

type Volume = corev1.PersistentVolume & KubeObject;
type AttributesClass = storagev1.VolumeAttributesClass & KubeObject;

const finalizer = 'kubernetes.io/vac-protection';
const index = 'volumeAttributesClassName';

const named = (...names: readonly (string | undefined)[]): string[] => [
  ...new Set(names.filter((name): name is string => name !== undefined && name !== '')),
];

/** What a claim wants, has, and is on its way to. */
const classesOfClaim = ({ spec, status }: Claim): string[] =>
  named(
    spec?.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  );

const classesOfVolume = ({ spec }: Volume): string[] => named(spec?.volumeAttributesClassName);

/**
 * Lets a deleted class go when no volume and no claim has it (pkg/controller/volume/vacprotection). It decides by its caches, as
 * upstream: a claim that is made at the same moment may find its class gone.
 */
export const volumeAttributesClassProtection: ControllerRow = {
  name: 'volumeattributesclass-protection-controller',
  serviceAccount: 'volumeattributesclass-protection-controller',
  start(context) {
    const classes = context.informers.informer<AttributesClass>(refs.volumeAttributesClasses);
    const claims = context.informers.informer<Claim>(refs.persistentVolumeClaims);
    const volumes = context.informers.informer<Volume>(refs.persistentVolumes);
    claims.addIndex(index, classesOfClaim);
    volumes.addIndex(index, classesOfVolume);
    const client = context.rest.resource<AttributesClass>(refs.volumeAttributesClasses);
    const isUsed = (name: string): boolean =>
      volumes.lister.byIndex(index, name).length > 0 || claims.lister.byIndex(index, name).length > 0;

    const controller = new Controller(
      'vacprotection',
      async (name) => {
        const attributesClass = classes.lister.byKey(name);
        const need = attributesClass === undefined ? undefined : needOf(attributesClass, finalizer);
        if (attributesClass === undefined || need === undefined) return done;
        if (need === 'release' && isUsed(name)) return done;
        await meetNeed(client, attributesClass, finalizer, need).catch((error: unknown) => {
          if (reasonOf(error) !== 'NotFound') throw error;
        });
        return done;
      },
      context,
    );
    const enqueueClass = (attributesClass: AttributesClass): void => {
      if (needOf(attributesClass, finalizer) !== undefined) controller.enqueue(attributesClass.metadata.name ?? '');
    };
    /** A class that is left may be free to go. */
    const enqueueLeft = (before: readonly string[], now: readonly string[]): void => {
      for (const name of before) if (!now.includes(name)) controller.enqueue(name);
    };
    classes.addHandler({ add: enqueueClass, update: (_, attributesClass) => enqueueClass(attributesClass) });
    claims.addHandler({
      update: (old, claim) => enqueueLeft(classesOfClaim(old), classesOfClaim(claim)),
      delete: (claim) => enqueueLeft(classesOfClaim(claim), []),
    });
    volumes.addHandler({
      update: (old, volume) => enqueueLeft(classesOfVolume(old), classesOfVolume(volume)),
      delete: (volume) => enqueueLeft(classesOfVolume(volume), []),
    });
    return startWhenSynced([controller], [classes, claims, volumes]);
  },
};
