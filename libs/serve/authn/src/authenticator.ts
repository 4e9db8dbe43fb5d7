import type { UserInfo } from '@reckon/registry/generic';
import type { IncomingHttpHeaders } from 'node:http';

/** What authenticators may look at: never the body. */
export interface AuthnRequest {
  /** The value of `Authorization`, '' if absent; of several the first. */
  readonly authorization: string;
  /** The peer's certificate in DER and whether TLS verified it against the client CAs; undefined without one. */
  readonly peerCertificate: PeerCertificate | undefined;
  readonly path: string;
  /** As node joins them. Who takes a credential out of one that others read takes it away. */
  readonly headers: IncomingHttpHeaders;
  /** As they came, name after value: what was sent twice is there twice. */
  readonly rawHeaders: readonly string[];
  /** Annotates the request's audit event, whether or not the request is known in the end. */
  readonly annotate?: (key: string, value: string) => void;
}

export interface PeerCertificate {
  readonly raw: Buffer;
  readonly subject: { CN?: string | string[]; O?: string | string[] };
  /** TLS verified it against all client CAs that it knows, at the handshake. */
  readonly verified: boolean;
  /** In ms since 1970. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** What the peer sent beside it, in DER, without its root. */
  intermediates(): readonly Buffer[];
}

/** `undefined`: this authenticator has nothing to say. Throws StatusError 401 when a credential was presented and is invalid. */
export interface Authenticator {
  readonly name: string;
  authenticate(request: AuthnRequest): AuthnResult | undefined | Promise<AuthnResult | undefined>;
}

export interface AuthnResult {
  readonly user: UserInfo;
  readonly audiences?: readonly string[];
  /** Annotations of the request's audit event. */
  readonly audit?: Readonly<Record<string, string>>;
  /** For whoever sent the request. */
  readonly warnings?: readonly string[];
}
