import type { UserInfo } from '@reckon/registry/generic';
import { withAuthenticatedGroup } from '../groups';

const prefix = 'system:serviceaccount:';
const allGroup = 'system:serviceaccounts';

/** k8s.io/apiserver/pkg/authentication/serviceaccount `MakeUsername` */
export const serviceAccountUsername = (namespace: string, name: string): string => `${prefix}${namespace}:${name}`;

/** `MakeGroupNames` */
export const serviceAccountGroups = (namespace: string): string[] => [allGroup, `${allGroup}:${namespace}`];

/** What a token's claims say of its bearer (`ServiceAccountInfo`). */
export interface ServiceAccountIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly pod?: { readonly name: string; readonly uid: string };
  readonly node?: { readonly name: string; readonly uid: string };
  readonly jti?: string;
}

/** `ServiceAccountInfo.UserInfo` */
export function serviceAccountUser({ namespace, name, uid, pod, node, jti }: ServiceAccountIdentity): UserInfo {
  const extra: Record<string, string[]> = {};
  if (jti !== undefined) extra['authentication.kubernetes.io/credential-id'] = [`JTI=${jti}`];
  if (node !== undefined) extra['authentication.kubernetes.io/node-name'] = [node.name];
  if (node !== undefined && node.uid !== '') extra['authentication.kubernetes.io/node-uid'] = [node.uid];
  if (pod !== undefined && pod.uid !== '') {
    extra['authentication.kubernetes.io/pod-name'] = [pod.name];
    extra['authentication.kubernetes.io/pod-uid'] = [pod.uid];
  }
  return withAuthenticatedGroup({
    name: serviceAccountUsername(namespace, name),
    uid,
    groups: serviceAccountGroups(namespace),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  });
}
