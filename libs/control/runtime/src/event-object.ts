import { type KubeObject, apiVersionOf } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { EventRef } from './event-recorder';

/** How an Event names an object (client-go/tools/reference.GetReference). */
export function objectReference(about: Pick<KubeObject, 'metadata'>, ref: EventRef): corev1.ObjectReference {
  const { name = '', namespace, uid, resourceVersion } = about.metadata;
  return {
    kind: ref.kind,
    name,
    apiVersion: apiVersionOf(ref),
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(ref.fieldPath === undefined ? {} : { fieldPath: ref.fieldPath }),
  };
}

/**
 * The object's name and nanoseconds since 1970 in hexadecimal, as upstream names Events; `sequence` keeps those of one millisecond
 * apart.
 */
export function eventName({ name = '' }: corev1.ObjectReference, atMs: number, sequence: number): string {
  return `${name}.${(BigInt(Math.floor(atMs)) * 1_000_000n + BigInt(sequence % 1_000_000)).toString(16)}`;
}
