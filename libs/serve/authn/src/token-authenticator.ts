import type { AuthnResult } from './authenticator';

/** A bearer token as a request carried it. Tables are keyed by the digest, so that no token is compared byte by byte. */
export interface PresentedToken {
  readonly text: string;
  /** SHA-256 in base64. */
  readonly digest: string;
}

/** One way to know a bearer token. */
export interface TokenAuthenticator {
  /**
   * `audiences`: for whom the token must be (TokenReview); undefined = this apiserver. `undefined`: not a token of this kind.
   * Throws `TokenError` when it is one and is no longer good. A promise only where a signature must be checked.
   */
  authenticateToken(
    token: PresentedToken,
    audiences: readonly string[] | undefined,
  ): AuthnResult | undefined | Promise<AuthnResult | undefined>;
}

/** Why a token was refused; the message is what a TokenReview shows. */
export class TokenError extends Error {
  readonly code = 'InvalidToken';

  /** Annotations of the audit event of the request that brought the token. */
  readonly audit: Readonly<Record<string, string>> | undefined;

  constructor(
    message: string,
    options: { readonly cause?: unknown; readonly audit?: Readonly<Record<string, string>> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'TokenError';
    this.audit = options.audit;
  }
}
