import type { AuthnResult } from './authenticator';
import { anonymousUser } from './groups';

/** Who presents nothing: is let in everywhere, nowhere, or on paths of a list (`anonymous.conditions`), which are compared whole. */
export type AnonymousRule = boolean | { readonly paths: readonly string[] };

const anonymous: AuthnResult = { user: anonymousUser };

/** What authentication says of a stranger at this path: `system:anonymous`, or nothing. */
export function anonymousAuthenticator(rule: AnonymousRule): (path: string) => AuthnResult | undefined {
  if (typeof rule === 'boolean') return () => (rule ? anonymous : undefined);
  const open = new Set(rule.paths);
  return (path) => (open.has(path) ? anonymous : undefined);
}
