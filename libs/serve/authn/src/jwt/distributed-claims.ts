import { goQuote } from '@reckon/api/machinery';
import type { Logger, Monotonic, Timers } from '@reckon/kernel';
import * as z from 'zod';
import { TokenError } from '../token-authenticator';
import { type Claims, type IdTokenRules, verifyIdToken } from './id-token';
import { findProvider, type Provider } from './provider';
import type { RemoteKeys } from './remote-keys';
import { untrustedIssuer } from './untrusted-issuer';

export interface DistributedClaimOptions {
  /** The claim that may be elsewhere. */
  readonly claim: string;
  readonly rules: Omit<IdTokenRules, 'issuer'>;
  readonly caPem: string | undefined;
  /** By which endpoints are asked. */
  readonly provider: Provider;
  readonly clock: Monotonic;
  readonly timers: Timers;
  readonly logger: Logger;
}

export interface DistributedClaims {
  /** The claims with the one that was elsewhere. Throws `TokenError`. */
  expand(claims: Claims): Promise<Claims>;
  stop(): Promise<void>;
}

const names = z.record(z.string(), z.string());
const sources = z.record(
  z.string(),
  z.object({ endpoint: z.string().default(''), access_token: z.string().default('') }),
);
/** Issuers of such claims are few. */
const mostIssuers = 16;

/**
 * A claim that a token only says where to find (OpenID Connect Core 1.0, section 5.6.2): providers do so with long lists of groups.
 * What is found there is a token too, of an issuer that is looked up as the first one was.
 */
export function distributedClaims(options: DistributedClaimOptions): DistributedClaims {
  const { claim, rules, provider: home } = options;
  const issuers = new Map<string, Provider>();

  async function keysOf(issuer: string): Promise<RemoteKeys> {
    let found = issuers.get(issuer);
    try {
      if (found === undefined) {
        if (issuers.size >= mostIssuers) throw new TokenError('too many issuers');
        found = findProvider({ ...options, issuer, discoveryUrl: '' });
        issuers.set(issuer, found);
      }
      return await found.keys();
    } catch (cause) {
      if (!(cause instanceof TokenError)) throw cause;
      throw new TokenError(
        `verifying untrusted issuer ${issuer} failed: verifier not initialized for issuer: ${goQuote(issuer)}`,
        { cause },
      );
    }
  }

  async function resolve(url: string, accessToken: string): Promise<unknown> {
    const answer = await home.fetch(url, accessToken === '' ? undefined : accessToken).catch((cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new TokenError(`while getting distributed claim ${goQuote(claim)}: ${why}`, { cause });
    });
    const token = answer.text.trim();
    const issuer = untrustedIssuer(token);
    if (issuer === undefined)
      throw new TokenError(`getting untrusted issuer from endpoint ${url} failed for claim ${goQuote(claim)}`);
    const keys = await keysOf(issuer);
    const found = await verifyIdToken(token, keys, { ...rules, issuer }).catch((cause: unknown) => {
      throw cause instanceof TokenError
        ? new TokenError(`verify distributed claim token: ${cause.message}`, { cause })
        : cause;
    });
    if (!Object.hasOwn(found, claim))
      throw new TokenError(
        `jwt returned by distributed claim endpoint ${goQuote(url)} did not contain claim: ${claim}`,
      );
    return found[claim];
  }

  return {
    async expand(claims) {
      if (Object.hasOwn(claims, claim) || !Object.hasOwn(claims, '_claim_names')) return claims;
      const told = names.safeParse(claims['_claim_names']);
      if (!told.success) throw new TokenError('oidc: error parsing distributed claim names');
      if (!Object.hasOwn(claims, '_claim_sources')) throw new TokenError('oidc: no claim sources');
      const known = sources.safeParse(claims['_claim_sources']);
      if (!known.success) throw new TokenError('oidc: could not parse claim sources');
      const name = Object.hasOwn(told.data, claim) ? told.data[claim] : undefined;
      if (name === undefined) return claims;
      const source = Object.hasOwn(known.data, name) ? known.data[name] : undefined;
      if (source === undefined)
        throw new TokenError(`id token _claim_names contained a source ${name} missing in _claims_sources`);
      // An aggregated claim, which stands in the token itself.
      if (source.endpoint === '') return claims;
      return { ...claims, [claim]: await resolve(source.endpoint, source.access_token) };
    },
    async stop() {
      await Promise.all([...issuers.values()].map((provider) => provider.stop()));
    },
  };
}
