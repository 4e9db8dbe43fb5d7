import type { OwnerReference } from '@reckon/api/machinery';

/** An object as the graph knows it, or as someone's owner reference claims it to be (`objectReference` upstream). */
export interface Identity {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  /** '' for a cluster-scoped object. */
  readonly namespace: string;
}

/** What a reference says; the namespace is the dependent's, since an owner can only be there or nowhere. */
export const identityOf = ({ apiVersion, kind, name, uid }: OwnerReference, namespace: string): Identity => ({
  apiVersion,
  kind,
  name,
  uid,
  namespace,
});

export const isSameIdentity = (a: Identity, b: Identity): boolean => keyOf(a) === keyOf(b);

export const matchesCoordinates = (reference: OwnerReference, { apiVersion, kind, name, uid }: Identity): boolean =>
  reference.uid === uid && reference.name === name && reference.kind === kind && reference.apiVersion === apiVersion;

/** Kind first, so that the order of kinds does not depend on where objects are (`referenceLessThan`). */
export const keyOf = ({ kind, apiVersion, namespace, name, uid }: Identity): string =>
  [kind, apiVersion, namespace, name, uid].join('\u0000');

/** As Events show it. */
export const identityText = ({ apiVersion, kind, namespace, name, uid }: Identity): string =>
  `[${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}]`;
