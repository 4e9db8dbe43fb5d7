import { objectKey } from '@reckon/client/cache';
import { refs } from '@reckon/client/rest';
import { Controller, done } from '@reckon/control/runtime';
import type { ControllerRow } from '../controller-context';
import type { Pod } from '../replica-set/pod-state';
import { startWhenSynced } from '../start-when-synced';
import {
  isPodDone,
  makeClaims,
  type ResourceClaim,
  type ResourceClaimTemplate,
  reserveForPlaced,
} from './claims-for-pod';
import { freeClaim, reservedBy } from './free-claim';

const podPrefix = 'pod:';
const claimPrefix = 'claim:';

/** Makes the resource claims of pods by their templates, and frees those that nobody uses (pkg/controller/resourceclaim). */
export const resourceClaimController: ControllerRow = {
  name: 'resourceclaim-controller',
  serviceAccount: 'resource-claim-controller',
  start(context) {
    const pods = context.informers.informer<Pod>(refs.pods);
    const claims = context.informers.informer<ResourceClaim>(refs.resourceClaims);
    const templates = context.informers.informer<ResourceClaimTemplate>(refs.resourceClaimTemplates);
    const recorder = context.recorder('resource_claim');
    const deps = { context, pods: pods.lister, claims: claims.lister, templates: templates.lister, recorder };
    const controller = new Controller(
      'resource_claim',
      async (key) => {
        if (key.startsWith(podPrefix)) {
          const pod = pods.lister.byKey(key.slice(podPrefix.length));
          if (pod === undefined || isPodDone(pod) || pod.metadata.deletionTimestamp !== undefined) return done;
          await makeClaims(deps, pod);
          await reserveForPlaced(deps, pod);
          return done;
        }
        const claim = claims.lister.byKey(key.slice(claimPrefix.length));
        if (claim !== undefined) await freeClaim(deps, claim);
        return done;
      },
      context,
    );
    const enqueueClaims = (pod: Pod): void => {
      for (const key of reservedBy(claims.lister, pod)) controller.enqueue(`${claimPrefix}${key}`);
    };
    const enqueuePod = (pod: Pod): void => {
      // Nearly all pods have none.
      if ((pod.spec?.resourceClaims?.length ?? 0) === 0) return;
      if (isPodDone(pod)) enqueueClaims(pod);
      else controller.enqueue(`${podPrefix}${objectKey(pod)}`);
    };
    const enqueueClaim = (claim: ResourceClaim): void => {
      controller.enqueue(`${claimPrefix}${objectKey(claim)}`);
    };
    pods.addHandler({
      add: enqueuePod,
      update: (_, pod) => {
        enqueuePod(pod);
      },
      delete(pod) {
        if ((pod.spec?.resourceClaims?.length ?? 0) > 0) enqueueClaims(pod);
      },
    });
    claims.addHandler({
      add: enqueueClaim,
      update: (_, claim) => {
        enqueueClaim(claim);
      },
    });
    return startWhenSynced([controller], [pods, claims, templates]);
  },
};
