// Loaded on first use, with jose and zod.
import { goKindOf, goQuote } from '@reckon/api/machinery';
import type { WallClock } from '@reckon/kernel';
import { compactVerify, decodeProtectedHeader, errors, importJWK, type JWK } from 'jose';
import { quotedList } from '../quoted-list';
import { TokenError } from '../token-authenticator';
import { registeredClaims } from './registered-claims';
import type { PublishedKey, RemoteKeys } from './remote-keys';

/** The claims of a token, as JSON. */
export type Claims = Readonly<Record<string, unknown>>;

export interface IdTokenRules {
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly algorithms: readonly string[];
  readonly clock: WallClock;
}

/** Tokens of a clock that is ahead of ours are let in so early (go-oidc). */
const leewayMs = 60_000;

/**
 * Issuer, audience, times, algorithm, signature: coreos/go-oidc `IDTokenVerifier.Verify` and `idTokenVerifier` of
 * k8s.io/apiserver/plugin/pkg/authenticator/token/oidc, in that order, which looks at several audiences last. Throws `TokenError`.
 */
export async function verifyIdToken(text: string, keys: RemoteKeys, rules: IdTokenRules): Promise<Claims> {
  const claims = claimsOf(text);
  const { issuer, audiences, expires, notBefore } = registeredClaims(claims);
  // Google's name themselves without a scheme.
  if (issuer !== rules.issuer && !(issuer === 'accounts.google.com' && rules.issuer === `https://${issuer}`))
    throw refused(`id token issued by a different provider, expected ${goQuote(rules.issuer)} got ${goQuote(issuer)}`);
  const isForOne = rules.audiences.length === 1;
  if (isForOne) demandAudience(audiences, rules.audiences);
  const nowMs = rules.clock.wallMs();
  if (expires === undefined || expires * 1000 < nowMs)
    throw refused(`token is expired (Token Expiry: ${timeOf(expires)})`);
  if (notBefore !== undefined && nowMs + leewayMs < notBefore * 1000)
    throw refused(`current time ${timeOf(nowMs / 1000)} before the nbf (not before) time: ${timeOf(notBefore)}`);
  await demandSignature(text, keys, rules.algorithms);
  if (!isForOne) demandAudience(audiences, rules.audiences);
  return claims;
}

function demandAudience(told: readonly string[], wanted: readonly string[]): void {
  if (told.some((audience) => wanted.includes(audience))) return;
  const [only = ''] = wanted;
  const expected =
    wanted.length === 1
      ? `expected audience ${goQuote(only)}`
      : `expected audience in ${quotedList([...wanted].sort())}`;
  throw refused(`${expected} got ${quotedList(told)}`);
}

async function demandSignature(text: string, keys: RemoteKeys, algorithms: readonly string[]): Promise<void> {
  const { alg = '', kid, crit } = headerOf(text);
  // There is no extension that this understands, not even that of RFC 7797, by which the claims would be another text.
  if (crit !== undefined) throw new TokenError('failed to verify signature: unsupported crit header');
  // Before any key is looked at: the header must not choose how a key is used.
  if (!algorithms.includes(alg))
    throw refused(`id token signed with unsupported algorithm, expected ${quotedList(algorithms)} got ${goQuote(alg)}`);
  if (await isSignedBy(text, alg, await asked(keys.candidates(kid)))) return;
  const later = await asked(keys.fresh(kid));
  if (later !== undefined && (await isSignedBy(text, alg, later))) return;
  throw new TokenError('failed to verify signature: failed to verify id token signature');
}

async function asked<T>(keys: Promise<T>): Promise<T> {
  try {
    return await keys;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TokenError(`failed to verify signature: fetching keys ${why}`, { cause });
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
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString('utf8'));
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new TokenError(`oidc: failed to unmarshal claims: ${cause.message}`, { cause });
  }
  if (value === null) return {};
  if (typeof value === 'object' && !Array.isArray(value)) return value as Claims;
  throw refused(
    `failed to unmarshal claims: json: cannot unmarshal ${goKindOf(value)} into Go value of type oidc.idToken`,
  );
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
    throw new TokenError('oidc: malformed jwt: its header cannot be read', { cause });
  }
}

const refused = (why: string): TokenError => new TokenError(`oidc: ${why}`);

/** As Go prints a time, to the second; where none was said, its first one. */
const timeOf = (seconds: number | undefined): string => {
  if (seconds === undefined) return '0001-01-01 00:00:00 +0000 UTC';
  const date = new Date(Math.min(Math.max(seconds, -8e9), 2e11) * 1000);
  return `${date.toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`;
};
