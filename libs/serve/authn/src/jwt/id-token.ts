// Loaded on first use, with jose and zod.
import type { WallClock } from '@reckon/kernel';
import { compactVerify, decodeProtectedHeader, errors, importJWK, type JWK } from 'jose';
import * as z from 'zod';
import { quotedList } from '../quoted-list';
import { TokenError } from '../token-authenticator';
import type { PublishedKey, RemoteKeys } from './remote-keys';

/** The claims of a token, as JSON. */
export type Claims = Readonly<Record<string, unknown>>;

export interface IdTokenRules {
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly algorithms: readonly string[];
  readonly clock: WallClock;
}

/** What OpenID Connect says of itself; the rest is for mappings to read. */
const registered = z.object({
  iss: z.string().default(''),
  aud: z.union([z.string().transform((one) => [one]), z.array(z.string())]).default([]),
  exp: z.number().default(0),
  nbf: z.number().nullish(),
});

/** Tokens of a clock that is ahead of ours are let in so early (go-oidc). */
const leewayMs = 60_000;

/**
 * Issuer, audience, times, algorithm, signature: coreos/go-oidc `IDTokenVerifier.Verify` and `idTokenVerifier` of
 * k8s.io/apiserver/plugin/pkg/authenticator/token/oidc, in that order. Throws `TokenError`.
 */
export async function verifyIdToken(text: string, keys: RemoteKeys, rules: IdTokenRules): Promise<Claims> {
  const claims = claimsOf(text);
  const told = registered.safeParse(claims);
  if (!told.success) throw refused('failed to unmarshal claims: a registered claim has a wrong type');
  const { iss, aud, exp, nbf } = told.data;
  // Google's name themselves without a scheme.
  if (iss !== rules.issuer && !(iss === 'accounts.google.com' && rules.issuer === `https://${iss}`))
    throw refused(
      `id token issued by a different provider, expected ${JSON.stringify(rules.issuer)} got ${JSON.stringify(iss)}`,
    );
  demandAudience(aud, rules.audiences);
  const nowMs = rules.clock.wallMs();
  if (exp * 1000 < nowMs) throw refused(`token is expired (Token Expiry: ${timeOf(exp)})`);
  if (nbf != null && nowMs + leewayMs < nbf * 1000)
    throw refused(`current time ${timeOf(nowMs / 1000)} before the nbf (not before) time: ${timeOf(nbf)}`);
  await demandSignature(text, keys, rules.algorithms);
  return claims;
}

function demandAudience(told: readonly string[], wanted: readonly string[]): void {
  if (told.some((audience) => wanted.includes(audience))) return;
  const [only = ''] = wanted;
  const expected =
    wanted.length === 1
      ? `expected audience ${JSON.stringify(only)}`
      : `expected audience in ${quotedList([...wanted].sort())}`;
  throw refused(`${expected} got ${quotedList(told)}`);
}

async function demandSignature(text: string, keys: RemoteKeys, algorithms: readonly string[]): Promise<void> {
  const { alg = '', kid, crit } = headerOf(text);
  // There is no extension that this understands, not even that of RFC 7797, by which the claims would be another text.
  if (crit !== undefined) throw refused('failed to verify signature: unsupported crit header');
  // Before any key is looked at: the header must not choose how a key is used.
  if (!algorithms.includes(alg))
    throw refused(
      `id token signed with unsupported algorithm, expected ${quotedList(algorithms)} got ${JSON.stringify(alg)}`,
    );
  if (await isSignedBy(text, alg, await asked(keys.candidates(kid)))) return;
  const later = await asked(keys.fresh(kid));
  if (later !== undefined && (await isSignedBy(text, alg, later))) return;
  throw refused('failed to verify signature: failed to verify id token signature');
}

async function asked<T>(keys: Promise<T>): Promise<T> {
  try {
    return await keys;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TokenError(`oidc: verify token: failed to verify signature: fetching keys ${why}`, { cause });
  }
}

async function isSignedBy(text: string, alg: string, candidates: readonly PublishedKey[]): Promise<boolean> {
  for (const published of candidates) {
    if (published.alg !== undefined && published.alg !== alg) continue;
    try {
      const key = await importJWK(published as JWK, alg);
      await compactVerify(text, key, { algorithms: [alg] });
      return true;
    } catch (error) {
      // Another kind of key, a key that is no key, or not the one: perhaps the next.
      if (!(error instanceof errors.JOSEError || error instanceof TypeError || error instanceof DOMException))
        throw error;
    }
  }
  return false;
}

function claimsOf(text: string): Claims {
  const parts = text.split('.');
  if (parts.length !== 3) throw refused(`malformed jwt: oidc: malformed jwt, expected 3 parts got ${parts.length}`);
  try {
    const value: unknown = JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Claims;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw refused('failed to unmarshal claims: they are no JSON object');
}

function headerOf(text: string): { readonly alg?: string; readonly kid?: string; readonly crit?: unknown } {
  try {
    const { alg, kid, crit } = decodeProtectedHeader(text);
    return {
      ...(crit === undefined ? {} : { crit }),
      ...(typeof alg === 'string' ? { alg } : {}),
      ...(typeof kid === 'string' && kid !== '' ? { kid } : {}),
    };
  } catch (cause) {
    throw new TokenError('oidc: verify token: malformed jwt: its header cannot be read', { cause });
  }
}

const refused = (why: string): TokenError => new TokenError(`oidc: verify token: oidc: ${why}`);

/** As Go prints a time, to the second. */
const timeOf = (seconds: number): string => {
  const date = new Date(Math.min(Math.max(seconds, -8e9), 2e11) * 1000);
  return `${date.toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`;
};
