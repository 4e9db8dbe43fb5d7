import { validateDns1123Label, validateDns1123Subdomain } from '@reckon/api/machinery';

/** Whose name it is, if it is that of a service account (k8s.io/apiserver/pkg/authentication/serviceaccount `SplitUsername`). */
export function serviceAccountOf(username: string): { readonly namespace: string; readonly name: string } | undefined {
  const [, namespace, name] = /^system:serviceaccount:([^:]*):([^:]*)$/.exec(username) ?? [];
  if (namespace === undefined || name === undefined) return undefined;
  const isProper = validateDns1123Label(namespace).length === 0 && validateDns1123Subdomain(name).length === 0;
  return isProper ? { namespace, name } : undefined;
}

/** The node's name, if the username is one of a node. */
export function nodeOf(username: string): string | undefined {
  const [, name] = /^system:node:(.*)$/.exec(username) ?? [];
  return name !== undefined && validateDns1123Subdomain(name).length === 0 ? name : undefined;
}
