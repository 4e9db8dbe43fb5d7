import type { UserInfo } from '@reckon/registry/generic';

/** What authenticators may look at: never the body. */
export interface AuthnRequest {
  /** The value of `Authorization`, '' if absent. */
  readonly authorization: string;
  /** The peer's certificate in DER and whether TLS verified it against the client CAs; undefined without one. */
  readonly peerCertificate: PeerCertificate | undefined;
  readonly path: string;
}

export interface PeerCertificate {
  readonly raw: Buffer;
  readonly subject: { CN?: string | string[]; O?: string | string[] };
  /** TLS verified it against the client CAs. */
  readonly verified: boolean;
}

/** `undefined`: this authenticator has nothing to say. Throws StatusError 401 when a credential was presented and is invalid. */
export interface Authenticator {
  readonly name: string;
  authenticate(request: AuthnRequest): AuthnResult | undefined | Promise<AuthnResult | undefined>;
}

export interface AuthnResult {
  readonly user: UserInfo;
  readonly audiences?: readonly string[];
}
