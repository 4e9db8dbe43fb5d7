import { controllerOf, type KubeObject, newControllerReference, reasonOf } from '@reckon/api/machinery';
import type { corev1, resourcev1 } from '@reckon/api/types';
import type { Lister } from '@reckon/client/cache';
import { refs } from '@reckon/client/rest';
import type { EventRecorder } from '@reckon/control/runtime';
import type { ControllerContext } from '../controller-context';
import type { Pod } from '../replica-set/pod-state';

export type ResourceClaim = resourcev1.ResourceClaim & KubeObject;
export type ResourceClaimTemplate = resourcev1.ResourceClaimTemplate & KubeObject;

/** Which entry of its pod a claim was made for. */
const entryMark = 'resource.kubernetes.io/pod-claim-name';

export interface ClaimsForPodDeps {
  readonly context: ControllerContext;
  readonly claims: Lister<ResourceClaim>;
  readonly templates: Lister<ResourceClaimTemplate>;
  readonly recorder: EventRecorder;
}

/** It has ended, or will never begin: it needs no devices any more (resourceclaim.isPodDone). */
export const isPodDone = ({ metadata, spec, status }: Pod): boolean =>
  status?.phase === 'Succeeded' ||
  status?.phase === 'Failed' ||
  (metadata.deletionTimestamp !== undefined && (spec?.nodeName ?? '') === '');

/** The names of the claims of a pod, as far as they are known. */
export const claimNamesOf = ({ spec, status }: Pod): string[] =>
  (spec?.resourceClaims ?? []).flatMap(({ name, resourceClaimName }) => {
    const found =
      resourceClaimName ?? status?.resourceClaimStatuses?.find((one) => one.name === name)?.resourceClaimName;
    return found === undefined ? [] : [found];
  });

/** Makes the claims that a pod asks for by templates, and tells the pod their names (resourceclaim.syncPod). */
export async function makeClaims(deps: ClaimsForPodDeps, pod: Pod): Promise<void> {
  const made: corev1.PodResourceClaimStatus[] = [];
  for (const entry of pod.spec?.resourceClaims ?? []) {
    if (entry.resourceClaimTemplateName === undefined) continue;
    if (pod.status?.resourceClaimStatuses?.some(({ name }) => name === entry.name) === true) continue;
    try {
      const claim =
        existing(deps, pod, entry.name) ?? (await create(deps, pod, entry, entry.resourceClaimTemplateName));
      made.push({ name: entry.name, resourceClaimName: claim.metadata.name ?? '' });
    } catch (error) {
      const message = `PodResourceClaim ${entry.name}: ${error instanceof Error ? error.message : String(error)}`;
      deps.recorder.event(pod, refs.pods, { type: 'Warning', reason: 'FailedResourceClaimCreation', message });
      throw error;
    }
  }
  if (made.length === 0) return;
  const { namespace = '', name = '', uid } = pod.metadata;
  await deps.context.rest.resource<Pod>(refs.pods).patch(namespace, name, {
    type: 'strategic',
    body: { metadata: { uid }, status: { resourceClaimStatuses: made } },
    subresource: 'status',
  });
}

const existing = ({ claims }: ClaimsForPodDeps, pod: Pod, entry: string): ResourceClaim | undefined =>
  claims
    .list(pod.metadata.namespace)
    .find(
      (claim) =>
        controllerOf(claim)?.uid === pod.metadata.uid &&
        claim.metadata.deletionTimestamp === undefined &&
        claim.metadata.annotations?.[entryMark] === entry,
    );

function create(
  { context, templates }: ClaimsForPodDeps,
  pod: Pod,
  { name }: corev1.PodResourceClaim,
  templateName: string,
): Promise<ResourceClaim> {
  const { namespace = '' } = pod.metadata;
  const template = templates.get(namespace, templateName);
  if (template === undefined)
    throw new Error(
      `resource claim template ${JSON.stringify(templateName)}: resourceclaimtemplate.resource.k8s.io ${JSON.stringify(templateName)} not found`,
    );
  const { labels, annotations } = template.spec.metadata ?? {};
  return context.rest.resource<ResourceClaim>(refs.resourceClaims).create({
    metadata: {
      namespace,
      generateName: `${pod.metadata.name ?? ''}-${name}-`,
      ...(labels === undefined ? {} : { labels }),
      annotations: { ...annotations, [entryMark]: name },
      ownerReferences: [newControllerReference(pod, { apiVersion: 'v1', kind: 'Pod' })],
    },
    spec: template.spec.spec,
  });
}

/** Reserves claims that have devices for a pod that got its node past the scheduler. */
export async function reserveForPlaced({ context, claims }: ClaimsForPodDeps, pod: Pod): Promise<void> {
  if ((pod.spec?.nodeName ?? '') === '') return;
  const { namespace = '', name = '', uid = '' } = pod.metadata;
  for (const claimName of claimNamesOf(pod)) {
    const claim = claims.get(namespace, claimName);
    const { allocation, reservedFor = [] } = claim?.status ?? {};
    if (claim === undefined || allocation === undefined || reservedFor.some((one) => one.uid === uid)) continue;
    try {
      await context.rest.resource<ResourceClaim>(refs.resourceClaims).updateStatus({
        ...claim,
        status: { ...claim.status, reservedFor: [...reservedFor, { resource: 'pods', name, uid }] },
      });
    } catch (error) {
      if (reasonOf(error) !== 'NotFound') throw error;
    }
  }
}
