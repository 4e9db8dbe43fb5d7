import type { Clock } from '@reckon/kernel';
import type { UserInfo } from '@reckon/registry/generic';
import type { Storage, StoredObject } from '@reckon/store/contract';
import { intersection } from '../audiences';
import type { AuthnResult } from '../authenticator';
import { BoundedMap } from '../bounded-map';
import { untrustedIssuer } from '../jwt/untrusted-issuer';
import { quotedList } from '../quoted-list';
import { type PresentedToken, type TokenAuthenticator, TokenError } from '../token-authenticator';
import { checkLive, type Claimed, claimedObjects, InvalidatedTokenError, leewayMs } from './live-claims';
import { type LegacyTokenDay, LegacyTokenUse } from './legacy-token-use';
import { serviceAccountUser } from './service-account-user';
import { legacyIssuer, type TokenClaims } from './token-claims';
import type { TokenKey } from './token-key';

export interface ServiceAccountTokenOptions {
  /** All issuers whose tokens are accepted, the signing one first. Tokens in Secrets have their own and are always accepted. */
  readonly issuers: readonly string[];
  readonly keys: readonly TokenKey[];
  readonly apiAudiences: readonly string[];
  readonly storage: Pick<Storage, 'get'>;
  readonly clock: Clock;
  /**
   * False: a token from a Secret is taken at its word, whatever has become of its Secret and its account. Bound tokens are looked up
   * all the same (pkg/serviceaccount `NewLegacyValidator`, `NewValidator`). Default true.
   */
  readonly lookup?: boolean;
  /** What was shown: a token that is in time or late among those that were extended, or one from a Secret. */
  readonly count?: (use: TokenUse) => void;
  /** A token in a Secret was used, for the first time that day. */
  readonly markUsed?: (use: LegacyTokenDay) => void;
  /** Tokens remembered as verified. Default 4096. */
  readonly remembered?: number;
}

/** As upstream counts them. */
export type TokenUse = 'valid' | 'stale' | 'legacy' | 'generated' | 'manual' | 'invalidated';

/** A token whose signature is right, with what it was last found to stand on. */
interface Verified {
  readonly claims: TokenClaims;
  readonly user: UserInfo;
  /** The answer to the usual question, made once. */
  readonly result: AuthnResult;
  readonly claimed: readonly Claimed[];
  /** The very objects of the last check: as long as they are the stored ones, its outcome stands until `goodUntilMs`. */
  seen: readonly (StoredObject | undefined)[];
  goodUntilMs: number;
  /** Of a token in a Secret. */
  legacy?: LegacyTokenUse;
}

const generatedWarning =
  'Use tokens from the TokenRequest API or manually created secret-based tokens instead of auto-generated secret-based tokens.';

/**
 * Tokens of service accounts: from the TokenRequest API and in Secrets (pkg/serviceaccount `JWTTokenAuthenticator` and its
 * validators). A signature is checked once per token; every request then compares the identity of the objects that the token
 * stands on, so that a deleted pod or Secret ends its tokens with the revision that deletes it.
 */
export function serviceAccountTokens(options: ServiceAccountTokenOptions): TokenAuthenticator {
  const { keys, apiAudiences, storage, clock } = options;
  const issuers = new Set([legacyIssuer, ...options.issuers]);
  const verified = new BoundedMap<string, Verified>(options.remembered ?? 4096);
  /** One check per token, however many requests bring it at once. */
  const underway = new Map<string, Promise<Verified>>();

  function verify(token: PresentedToken): Promise<Verified> {
    const pending = underway.get(token.digest);
    if (pending !== undefined) return pending;
    const started = import('./verify-token')
      .then(({ verifyToken }) => verifyToken(token.text, keys))
      .then((claims) => {
        if (claims.legacySecret === undefined && !options.issuers.includes(untrustedIssuer(token.text) ?? ''))
          throw new TokenError('token issuer is invalid');
        const entry = newEntry(claims);
        verified.set(token.digest, entry);
        return entry;
      })
      .finally(() => underway.delete(token.digest));
    underway.set(token.digest, started);
    return started;
  }

  function newEntry(claims: TokenClaims): Verified {
    const user = serviceAccountUser({
      namespace: claims.namespace,
      name: claims.account.name,
      uid: claims.account.uid,
      ...(claims.pod === undefined ? {} : { pod: claims.pod }),
      ...(claims.node === undefined ? {} : { node: claims.node }),
      ...(claims.jti === undefined ? {} : { jti: claims.jti }),
    });
    const audiences = intersection(apiAudiences, tokenAudiences(claims));
    const isTrusted = options.lookup === false && claims.legacySecret !== undefined;
    const claimed = isTrusted ? [] : claimedObjects(claims);
    return { claims, user, result: { user, audiences }, claimed, seen: [], goodUntilMs: 0 };
  }

  const tokenAudiences = (claims: TokenClaims): readonly string[] =>
    claims.audiences.length === 0 ? apiAudiences : claims.audiences;

  function evaluate(
    entry: Verified,
    token: PresentedToken,
    audiences: readonly string[] | undefined,
  ): AuthnResult | Promise<AuthnResult> {
    const result = audiences === undefined ? entry.result : resultFor(entry, audiences);
    if (result.audiences?.length === 0 && apiAudiences.length > 0)
      throw new TokenError(
        `token audiences ${quotedList(tokenAudiences(entry.claims))} is invalid for the target audiences ${quotedList(audiences ?? apiAudiences)}`,
      );
    const nowMs = clock.nowMs();
    checkTimes(entry.claims, nowMs);
    const objects: (StoredObject | undefined)[] = [];
    for (const { key } of entry.claimed) {
      const stored = storage.get(key);
      // Without a revision to wait for the state in memory answers; an implementation that must wait may.
      if (stored instanceof Promise) return evaluateLater(entry, token, result, nowMs);
      objects.push(stored);
    }
    confirmed(entry, token, objects, nowMs);
    return noted(entry, result, nowMs);
  }

  async function evaluateLater(
    entry: Verified,
    token: PresentedToken,
    result: AuthnResult,
    nowMs: number,
  ): Promise<AuthnResult> {
    const objects: (StoredObject | undefined)[] = [];
    for (const { key } of entry.claimed) objects.push(await storage.get(key));
    confirmed(entry, token, objects, nowMs);
    return noted(entry, result, nowMs);
  }

  /** One that is retired is refused, and yet was used. */
  function confirmed(
    entry: Verified,
    token: PresentedToken,
    objects: readonly (StoredObject | undefined)[],
    nowMs: number,
  ): void {
    try {
      confirm(entry, token, objects, nowMs);
    } catch (error) {
      if (error instanceof InvalidatedTokenError) {
        options.count?.('invalidated');
        const [secret, account] = objects;
        if (secret !== undefined && account !== undefined) markUsed(legacyUse(entry, secret, account), nowMs);
      }
      throw error;
    }
  }

  /** Counts a use, and says it to the audit log where it should not go on like this. */
  function noted(entry: Verified, result: AuthnResult, nowMs: number): AuthnResult {
    const { claims, user } = entry;
    const { warnAfter, legacySecret } = claims;
    if (legacySecret !== undefined) return notedLegacy(entry, legacySecret, result, nowMs);
    if (warnAfter === undefined || warnAfter === 0) return result;
    const lateMs = nowMs - warnAfter * 1000;
    options.count?.(lateMs > 0 ? 'stale' : 'valid');
    if (lateMs <= 0) return result;
    const seconds = Math.floor(lateMs / 1000);
    const late = `subject: ${user.name}, seconds after warning threshold: ${String(seconds)}`;
    return { ...result, audit: { 'authentication.k8s.io/stale-token': late } };
  }

  function notedLegacy(entry: Verified, secretName: string, result: AuthnResult, nowMs: number): AuthnResult {
    const [secret, account] = entry.seen;
    const audit = { 'authentication.k8s.io/legacy-token': entry.user.name };
    options.count?.('legacy');
    if (secret === undefined || account === undefined) return { ...result, audit };
    const use = legacyUse(entry, secret, account);
    const { isGenerated } = use;
    options.count?.(isGenerated ? 'generated' : 'manual');
    markUsed(use, nowMs);
    const kind = isGenerated ? 'legacy-token-autogenerated-secret' : 'legacy-token-manual-secret';
    return {
      ...result,
      audit: { ...audit, [`authentication.k8s.io/${kind}`]: secretName },
      ...(isGenerated ? { warnings: [generatedWarning] } : {}),
    };
  }

  function legacyUse(entry: Verified, secret: StoredObject, account: StoredObject): LegacyTokenUse {
    if (entry.legacy?.secretState !== secret || entry.legacy.accountState !== account)
      entry.legacy = new LegacyTokenUse(secret, account);
    return entry.legacy;
  }

  function markUsed(use: LegacyTokenUse, nowMs: number): void {
    const day = options.markUsed === undefined ? undefined : use.unmarkedDay(nowMs);
    if (day !== undefined) options.markUsed?.(day);
  }

  function resultFor({ user, claims }: Verified, audiences: readonly string[]): AuthnResult {
    return { user, audiences: intersection(audiences, tokenAudiences(claims)) };
  }

  return {
    authenticateToken(token, audiences) {
      const entry = verified.get(token.digest);
      if (entry !== undefined) return evaluate(entry, token, audiences);
      const issuer = untrustedIssuer(token.text);
      if (issuer === undefined || !issuers.has(issuer)) return undefined;
      return verify(token).then((fresh) => evaluate(fresh, token, audiences));
    },
  };
}

/** Throws `TokenError` unless the objects are those of the last check or support the token anew. */
function confirm(
  entry: Verified,
  token: PresentedToken,
  objects: readonly (StoredObject | undefined)[],
  nowMs: number,
): void {
  const isSame =
    nowMs <= entry.goodUntilMs && objects.every((object, i) => object !== undefined && object === entry.seen[i]);
  if (isSame) return;
  entry.goodUntilMs = 0;
  entry.goodUntilMs = checkLive(entry.claimed, objects, token.text, nowMs);
  entry.seen = objects;
}

/** go-jose/jwt `Claims.ValidateWithLeeway`; for the last pkg/serviceaccount `validator` has no word of its own. */
function checkTimes({ expires, notBefore, issuedAt }: TokenClaims, nowMs: number): void {
  if (expires !== undefined && nowMs > expires * 1000 + leewayMs)
    throw new TokenError('service account token has expired');
  if (notBefore !== undefined && nowMs < notBefore * 1000 - leewayMs)
    throw new TokenError('service account token is not valid yet');
  if (issuedAt !== undefined && nowMs < issuedAt * 1000 - leewayMs)
    throw new TokenError('service account token claims could not be validated due to unexpected validation error');
}
