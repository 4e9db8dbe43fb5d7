import { reasonOf } from '@reckon/api/machinery';
import { refs } from '@reckon/client/rest';
import { Controller, done, type Result } from '@reckon/control/runtime';
import type { ControllerRow } from '../controller-context';
import { startWhenSynced } from '../start-when-synced';
import { type Claim, mayReleaseClaims, namesClaims, type Pod, usesClaim } from './claim-use';
import { meetNeed, needOf } from './protection';

const finalizer = 'kubernetes.io/pvc-protection';

/**
 * Lets a deleted claim go when no pod uses it (pkg/controller/volume/pvcprotection). The key is a namespace: before a claim is let
 * go the server is asked for the pods, as a cache may not know the newest yet, and one answer serves all claims of a namespace.
 */
export const persistentVolumeClaimProtection: ControllerRow = {
  name: 'persistentvolumeclaim-protection-controller',
  serviceAccount: 'pvc-protection-controller',
  start(context) {
    const claims = context.informers.informer<Claim>(refs.persistentVolumeClaims);
    const pods = context.informers.informer<Pod>(refs.pods);
    const client = context.rest.resource<Claim>(refs.persistentVolumeClaims);
    const live = context.rest.resource<Pod>(refs.pods);

    const reconcile = async (namespace: string): Promise<Result> => {
      const needy = claims.lister.list(namespace).flatMap((claim) => {
        const need = needOf(claim, finalizer);
        return need === undefined ? [] : [{ claim, need }];
      });
      const cached = needy.some(({ need }) => need === 'release') ? pods.lister.list(namespace) : [];
      const unused = needy.filter(
        ({ claim, need }) => need === 'protect' || !cached.some((pod) => usesClaim(pod, claim)),
      );
      if (unused.length === 0) return done;
      const known = unused.some(({ need }) => need === 'release') ? (await live.list(namespace)).items : [];
      const failures: unknown[] = [];
      for (const { claim, need } of unused) {
        if (need === 'release' && known.some((pod) => usesClaim(pod, claim))) continue;
        // One that resists must not hold up the others.
        await meetNeed(client, claim, finalizer, need).catch((error: unknown) => {
          if (reasonOf(error) !== 'NotFound') failures.push(error);
        });
      }
      if (failures.length > 0) throw failures[0];
      return done;
    };

    const controller = new Controller('pvcprotection', reconcile, context);
    const enqueue = ({ metadata }: Claim | Pod): void => {
      controller.enqueue(metadata.namespace ?? '');
    };
    const onClaim = (claim: Claim): void => {
      if (needOf(claim, finalizer) !== undefined) enqueue(claim);
    };
    const onPod = (pod: Pod): void => {
      if (mayReleaseClaims(pod)) enqueue(pod);
    };
    claims.addHandler({ add: onClaim, update: (_, claim) => onClaim(claim) });
    pods.addHandler({
      add: onPod,
      update: (old, pod) => {
        onPod(pod);
        // A deletion and a new pod of the same name may be seen as one change.
        if (old.metadata.uid !== pod.metadata.uid && namesClaims(old)) enqueue(old);
      },
      delete: (pod) => {
        if (namesClaims(pod)) enqueue(pod);
      },
    });
    return startWhenSynced([controller], [claims, pods]);
  },
};
