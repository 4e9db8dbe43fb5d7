import { type KubeObject, StatusError, apiVersionOf, newControllerReference, reasonOf } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { ResourceClient, ResourceRef } from '@reckon/client/rest';
import type { EventRecorder } from '@reckon/control/runtime';
import type { Expectations } from '../replica-set/expectations';
import type { Pod } from '../replica-set/pod-state';

/** Pods of the owners of a kind. */
export interface OwnedPods {
  /** The kind of the owner. */
  readonly ref: ResourceRef;
  readonly pods: ResourceClient<Pod>;
  readonly recorder: EventRecorder;
  readonly expectations: Expectations;
}

/** Makes a pod, tells so in an Event of its owner, and waits for the cache to show it. Between `createsBegin` and `createsEnded`. */
export async function createPod(
  { ref, pods, recorder, expectations }: OwnedPods,
  owner: KubeObject,
  pod: Pod,
): Promise<void> {
  try {
    const { metadata } = await pods.create(pod);
    expectations.created(owner.metadata.uid ?? '', metadata.uid ?? '');
    recorder.event(owner, ref, {
      type: 'Normal',
      reason: 'SuccessfulCreate',
      message: `Created pod: ${metadata.name ?? ''}`,
    });
  } catch (error) {
    // Any create would fail, and the owner itself is about to go.
    if (isNamespaceTerminating(error)) return;
    recorder.event(owner, ref, {
      type: 'Warning',
      reason: 'FailedCreate',
      message: `Error creating: ${textOf(error)}`,
    });
    throw error;
  }
}

/** Deletes a pod that the expectations know of (`willDelete`, `alsoDeletes`), and tells so in an Event of its owner. */
export async function deletePod(
  { ref, pods, recorder, expectations }: OwnedPods,
  owner: KubeObject,
  pod: Pod,
): Promise<void> {
  const { namespace = '', name = '', uid = '' } = pod.metadata;
  try {
    await pods.delete(namespace, name);
    recorder.event(owner, ref, { type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted pod: ${name}` });
  } catch (error) {
    expectations.sawDeletion(owner.metadata.uid ?? '', uid);
    if (reasonOf(error) === 'NotFound') return;
    recorder.event(owner, ref, {
      type: 'Warning',
      reason: 'FailedDelete',
      message: `Error deleting: ${textOf(error)}`,
    });
    throw new Error(`unable to delete pods: ${textOf(error)}`, { cause: error });
  }
}

/** pkg/controller.GetPodFromTemplate. */
export function podFromTemplate(
  owner: KubeObject,
  ref: ResourceRef,
  { metadata = {}, spec }: corev1.PodTemplateSpec = {},
): Pod {
  return {
    metadata: {
      generateName: `${owner.metadata.name ?? ''}-`,
      namespace: owner.metadata.namespace ?? '',
      ...(metadata.labels === undefined ? {} : { labels: metadata.labels }),
      ...(metadata.annotations === undefined ? {} : { annotations: metadata.annotations }),
      ...(metadata.finalizers === undefined ? {} : { finalizers: metadata.finalizers }),
      ownerReferences: [newControllerReference(owner, { apiVersion: apiVersionOf(ref), kind: ref.kind })],
    },
    ...(spec === undefined ? {} : { spec }),
  };
}

export function isNamespaceTerminating(error: unknown): boolean {
  return (
    error instanceof StatusError &&
    (error.status.details?.causes ?? []).some((c) => c.reason === 'NamespaceTerminating')
  );
}

export const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
