/** Issuer of tokens that live in Secrets (pkg/serviceaccount `LegacyIssuer`). */
export const legacyIssuer = 'kubernetes/serviceaccount';

/** The TokenRequest API may hand out tokens that outlive the node's refresh by this factor of time (`ExpirationExtensionSeconds`). */
export const extendedExpirationSeconds = 365 * 24 * 60 * 60;

/** What projected volumes ask for; only this very number is extended (`WarnOnlyBoundTokenExpirationSeconds`). */
export const warnOnlyExpirationSeconds = 60 * 60 + 7;

export interface NameAndUid {
  readonly name: string;
  readonly uid: string;
}

/** Claims whose signature is right, in one form for both kinds of token. Times are in seconds since 1970. */
export interface TokenClaims {
  readonly namespace: string;
  readonly account: NameAndUid;
  readonly audiences: readonly string[];
  readonly expires: number | undefined;
  readonly notBefore: number | undefined;
  readonly issuedAt: number | undefined;
  /** From then on it only holds because it was extended: its bearer does not read the file again. */
  readonly warnAfter: number | undefined;
  /** Never empty. */
  readonly jti: string | undefined;
  readonly pod: NameAndUid | undefined;
  readonly node: NameAndUid | undefined;
  readonly secret: NameAndUid | undefined;
  /** The Secret that must hold this very token. */
  readonly legacySecret: string | undefined;
}
