import type { ClusterOptions } from './cluster-options';
import { furtherAuthenticationFlags } from './flags/authentication-flags';
import { type FurtherAuthentication, type FurtherAuthenticationFlags, readAuthentication } from './read-authentication';
import { serviceAccountIssuer } from './service-account-issuer';

/** The ways to authenticate of `reckon up`: the flags of `reckon apiserver`, at their defaults where they were not given. */
export function clusterAuthentication({
  authenticationFlags = {},
  isAnonymousAuthGiven = false,
  say,
}: Pick<ClusterOptions, 'authenticationFlags' | 'isAnonymousAuthGiven' | 'say'>): Promise<FurtherAuthentication> {
  const initial = Object.entries(furtherAuthenticationFlags).map(([name, flag]) => [name, flag.initial]);
  const flags = { ...Object.fromEntries(initial), ...authenticationFlags } as FurtherAuthenticationFlags;
  const given = new Set([...Object.keys(authenticationFlags), ...(isAnonymousAuthGiven ? ['anonymous-auth'] : [])]);
  return readAuthentication({ flags, given, ownIssuers: [serviceAccountIssuer], warn: say });
}
