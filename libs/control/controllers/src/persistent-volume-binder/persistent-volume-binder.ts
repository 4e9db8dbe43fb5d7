import { type KubeObject, reasonOf } from '@reckon/api/machinery';
import { objectKey } from '@reckon/client/cache';
import { refs } from '@reckon/client/rest';
import type { Claim, Result, StorageClass, Volume } from '@reckon/control/runtime';
import { classNameOf, Controller, done, isMarked, NewestObjects, volumeMarks } from '@reckon/control/runtime';
import type { ControllerRow } from '../controller-context';
import type { Pod } from '../replica-set/pod-state';
import { startWhenSynced } from '../start-when-synced';
import { type BinderParts, claimKeyOf } from './binder-parts';
import { Seekers } from './seekers';
import { syncClaim } from './sync-claim';
import { syncVolume } from './sync-volume';
import { indexByClaim } from './waiting-pods';

/**
 * Brings volumes and claims together and takes them apart (pkg/controller/volume/persistentvolume). Volumes and claims share one
 * queue, told apart by the slash in a claim's key, and one worker: two at once could give one volume to two claims.
 */
export const persistentVolumeBinder: ControllerRow = {
  name: 'persistentvolume-binder-controller',
  serviceAccount: 'persistent-volume-binder',
  start(context) {
    const volumes = context.informers.informer<Volume>(refs.persistentVolumes);
    const claims = context.informers.informer<Claim>(refs.persistentVolumeClaims);
    const classes = context.informers.informer<StorageClass>(refs.storageClasses);
    const pods = context.informers.informer<Pod>(refs.pods);
    indexByClaim(pods);
    volumes.addIndex(byClaim, (volume) => (volume.spec?.claimRef === undefined ? [] : [claimKeyOf(volume)]));
    claims.addIndex(byVolume, ({ spec }) => (spec?.volumeName === undefined ? [] : [spec.volumeName]));
    const parts: BinderParts = {
      volumes: new NewestObjects(volumes.lister),
      claims: new NewestObjects(claims.lister),
      classes: classes.lister,
      pods: pods.lister,
      volumeClient: context.rest.resource<Volume>(refs.persistentVolumes),
      claimClient: context.rest.resource<Claim>(refs.persistentVolumeClaims),
      recorder: context.recorder('persistentvolume-controller'),
      enqueueClaim: (key) => controller.enqueue(key),
    };
    const controller: Controller = new Controller(
      'persistentvolume-binder',
      (key) => reconcile(parts, seekers, key),
      context,
      { workers: 1 },
    );

    const seekers = new Seekers(parts, (key) => controller.queue.failures(key) > 0);
    const enqueue = (object: KubeObject): void => controller.enqueue(objectKey(object));
    const onVolume = (volume: Volume): void => {
      enqueue(volume);
      if (volume.spec?.claimRef !== undefined) controller.enqueue(claimKeyOf(volume));
      for (const claim of claims.lister.byIndex(byVolume, volume.metadata.name ?? '')) enqueue(claim);
    };
    volumes.addHandler({
      add: onVolume,
      update: (_, volume) => onVolume(volume),
      delete: (volume) => {
        parts.volumes.restore(objectKey(volume));
        onVolume(volume);
      },
    });
    const onClaim = (claim: Claim): void => {
      enqueue(claim);
      for (const volume of volumes.lister.byIndex(byClaim, objectKey(claim))) enqueue(volume);
    };
    claims.addHandler({
      add: onClaim,
      update: (_, claim) => onClaim(claim),
      delete: (claim) => {
        parts.claims.restore(objectKey(claim));
        onClaim(claim);
      },
    });
    const onClass = (storageClass: StorageClass): void => {
      for (const claim of claims.lister.list())
        if (isUnbound(claim) && ['', storageClass.metadata.name].includes(classNameOf(claim))) enqueue(claim);
    };
    classes.addHandler({ add: onClass, update: (_, storageClass) => onClass(storageClass) });
    return startWhenSynced([controller], [volumes, claims, classes, pods]);
  },
};

const byClaim = 'claim';
const byVolume = 'volume';
const isUnbound = (claim: Claim): boolean => !isMarked(claim, volumeMarks.bindCompleted);

async function reconcile(parts: BinderParts, seekers: Seekers, key: string): Promise<Result> {
  try {
    if (key.includes('/')) {
      seekers.looked(key);
      const claim = parts.claims.byKey(key);
      return claim === undefined ? done : await syncClaim(parts, claim);
    }
    const volume = parts.volumes.byKey(key);
    if (volume === undefined) return done;
    await syncVolume(parts, volume);
    return seekers.offer(key);
  } catch (error) {
    // Gone meanwhile; the watch will tell.
    if (reasonOf(error) === 'NotFound') return done;
    throw error;
  }
}
