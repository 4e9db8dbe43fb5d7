import { type KubeObject, reasonOf } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { refs } from '@reckon/client/rest';
import { Controller, done } from '@reckon/control/runtime';
import type { ControllerRow } from '../controller-context';
import { startWhenSynced } from '../start-when-synced';
import { meetNeed, needOf } from './protection';

type Volume = corev1.PersistentVolume & KubeObject;

const finalizer = 'kubernetes.io/pv-protection';

/** Lets a deleted volume go when no claim is bound to it (pkg/controller/volume/pvprotection). */
export const persistentVolumeProtection: ControllerRow = {
  name: 'persistentvolume-protection-controller',
  serviceAccount: 'pv-protection-controller',
  start(context) {
    const volumes = context.informers.informer<Volume>(refs.persistentVolumes);
    const client = context.rest.resource<Volume>(refs.persistentVolumes);
    const controller = new Controller(
      'pvprotection',
      async (name) => {
        const volume = volumes.lister.byKey(name);
        const need = volume === undefined ? undefined : needOf(volume, finalizer);
        if (volume === undefined || need === undefined) return done;
        if (need === 'release' && volume.status?.phase === 'Bound') return done;
        await meetNeed(client, volume, finalizer, need).catch((error: unknown) => {
          if (reasonOf(error) !== 'NotFound') throw error;
        });
        return done;
      },
      context,
    );
    const enqueue = (volume: Volume): void => {
      if (needOf(volume, finalizer) !== undefined) controller.enqueue(volume.metadata.name ?? '');
    };
    volumes.addHandler({ add: enqueue, update: (_, volume) => enqueue(volume) });
    return startWhenSynced([controller], [volumes]);
  },
};
