// Loaded on first use, with jose, zod and CEL.
import type { Logger, Monotonic, Running, Timers, WallClock } from '@reckon/kernel';
import { intersection } from '../audiences';
import type { AuthnResult } from '../authenticator';
import { cachedTokens } from '../cached-tokens';
import { withAuthenticatedGroup } from '../groups';
import type { TokenAuthenticator } from '../token-authenticator';
import { TokenError } from '../token-authenticator';
import type { CompiledJwtAuthenticator } from './compile-jwt-authenticator';
import { type DistributedClaims, distributedClaims } from './distributed-claims';
import { type IdTokenRules, verifyIdToken } from './id-token';
import type { JwtMetrics } from './jwt-metrics';
import { findProvider } from './provider';
import { untrustedIssuer } from './untrusted-issuer';
import { userFromClaims } from './user-from-claims';

export interface JwtTokenOptions {
  readonly compiled: CompiledJwtAuthenticator;
  readonly algorithms: readonly string[];
  readonly apiAudiences: readonly string[];
  readonly clock: WallClock & Monotonic;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly metrics?: JwtMetrics;
}

export interface JwtTokens extends TokenAuthenticator, Running {
  readonly issuer: string;
  /** Resolves when its provider has been found; does not resolve after `stop`. */
  readonly ready: Promise<void>;
}

/** Upstream keeps every accepted token so long. */
const keptMs = 10_000;

/** ID tokens of one issuer (k8s.io/apiserver/plugin/pkg/authenticator/token/oidc). It is looked for from now on, until `stop`. */
export function jwtTokens(options: JwtTokenOptions): JwtTokens {
  const { compiled, algorithms, apiAudiences, clock, timers, logger, metrics } = options;
  const { issuer, claimMappings } = compiled.config;
  const caPem = issuer.certificateAuthority === '' ? undefined : issuer.certificateAuthority;
  const basics = { caPem, clock, timers, logger };
  const provider = findProvider({
    ...basics,
    issuer: issuer.url,
    discoveryUrl: issuer.discoveryURL,
    ...(metrics === undefined ? {} : { fetched: (keySet) => metrics.fetched(issuer.url, keySet) }),
  });
  const rules: IdTokenRules = { issuer: issuer.url, audiences: issuer.audiences, algorithms, clock };
  const { claim } = claimMappings.groups;
  const elsewhere: DistributedClaims | undefined =
    claim === '' ? undefined : distributedClaims({ ...basics, claim, rules, provider });

  async function authenticate(text: string): Promise<AuthnResult> {
    const claims = await verifyIdToken(text, await provider.keys(), rules).catch(notVerified);
    const whole = elsewhere === undefined ? claims : await elsewhere.expand(claims).catch(notExpanded);
    return { user: withAuthenticatedGroup(userFromClaims(compiled, whole)), audiences: apiAudiences };
  }

  /** Timed only where a token is not remembered. */
  async function timed(text: string): Promise<AuthnResult> {
    const begunMs = clock.elapsedMs();
    let isGood = false;
    try {
      const result = await authenticate(text);
      isGood = true;
      return result;
    } finally {
      metrics?.authenticated(issuer.url, isGood, (clock.elapsedMs() - begunMs) / 1000);
    }
  }

  const verified = cachedTokens(
    { authenticateToken: (token) => timed(token.text) },
    { acceptedMs: keptMs, refusedMs: 0, clock },
  );

  return {
    issuer: issuer.url,
    ready: provider.found,
    authenticateToken(token, wanted) {
      const told = untrustedIssuer(token.text);
      // Google's tokens name themselves without a scheme.
      if ((told === 'accounts.google.com' ? 'https://accounts.google.com' : told) !== issuer.url) return undefined;
      const answer = verified.authenticateToken(token, undefined);
      if (wanted === undefined) return answer;
      const audiences = intersection(wanted, apiAudiences);
      if (audiences.length === 0) return undefined;
      const forThem = (result: AuthnResult | undefined): AuthnResult | undefined =>
        result === undefined ? undefined : { user: result.user, audiences };
      return answer instanceof Promise ? answer.then(forThem) : forThem(answer);
    },
    async stop() {
      await Promise.all([provider.stop(), elsewhere?.stop()]);
    },
  };
}

const notVerified = refusal('oidc: verify token');
const notExpanded = refusal('oidc: could not expand distributed claims');

/** Says where a token failed. */
function refusal(where: string): (error: unknown) => never {
  return (error) => {
    throw error instanceof TokenError ? new TokenError(`${where}: ${error.message}`, { cause: error }) : error;
  };
}
