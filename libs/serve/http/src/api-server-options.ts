import type { SecureVersion } from 'node:tls';
import type { KindRegistry, ResourceRow } from '@reckon/api/kinds';
import type { KubeObject } from '@reckon/api/machinery';
import type { Clock, Logger, MetricsRegistry, Monotonic, Random, Timers } from '@reckon/kernel';
import type { RequestContext, ResourceStore, WriteOptions } from '@reckon/registry/generic';
import type { AdmissionChain } from '@reckon/serve/admission';
import type { Auditor } from '@reckon/serve/audit';
import type { Authenticator } from '@reckon/serve/authn';
import type { Authorizer } from '@reckon/serve/authz';
import type { FlowControl } from '@reckon/serve/flow-control';
import type { LogReader, Storage } from '@reckon/store/contract';
import type { HttpRequest, HttpResponse, Upgrade } from './http-message';
import type { ShutdownOptions } from './shutdown';

/** One call of a subresource (or of a create-only resource such as `tokenreviews`) that its own handler answers. */
export interface SubresourceCall {
  readonly ctx: RequestContext;
  readonly row: ResourceRow;
  /** '' for a create-only resource. */
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly verb: 'get' | 'create' | 'update' | 'patch';
  /** The decoded body of create and update. */
  readonly object: KubeObject | undefined;
  /** PATCH: makes the new form of `current` (the subresource's own kind), with field validation. */
  readonly patch: ((current: KubeObject) => KubeObject | Promise<KubeObject>) | undefined;
  /** PATCH by server-side apply, in place of `patch`. */
  readonly application?: Application;
  readonly options: WriteOptions;
}

/** A server-side apply to a subresource of another kind than its object. */
export interface Application {
  /** Of the subresource's own kind, as it was sent: any JSON object. */
  readonly config: KubeObject;
  readonly isForced: boolean;
  /** Brings an object of the row's kind into canonical form. */
  readonly restore: (document: KubeObject) => KubeObject;
}

export interface SubresourceAnswer {
  readonly code: number;
  /** An object of the subresource's kind, or a Status. */
  readonly object: object;
}

/** Throws StatusError to refuse. Admission is called by the handler with `options.admission`. */
export type SubresourceHandler = (call: SubresourceCall) => Promise<SubresourceAnswer> | SubresourceAnswer;

export interface ConnectCall {
  readonly ctx: RequestContext;
  readonly row: ResourceRow;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly method: string;
  /** What follows `/proxy/` in the path, '' else. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly request: HttpRequest;
  /** A plain request: the answer goes here. */
  readonly response: HttpResponse | undefined;
  /** An upgrade (exec, attach, portforward over WebSocket or SPDY): the handler owns the socket. */
  readonly upgrade: Pick<Upgrade, 'socket' | 'head'> | undefined;
}

/** Streams (log, exec, attach, portforward, proxy). Throws StatusError before anything was written. */
export type ConnectHandler = (call: ConnectCall) => Promise<void> | void;

export interface Limits {
  /** Bytes of a body; more is 413. */
  readonly maxBodyBytes: number;
  /** Requests that change nothing, other than watches and streams; more are 429. */
  readonly maxInFlight: number;
  readonly maxMutatingInFlight: number;
  /** A watch without `timeoutSeconds` ends after a random time between this and its double. */
  readonly minWatchMs: number;
  /** Idle connections are kept this long. Go's client pool holds them 90 s. */
  readonly keepAliveMs: number;
  /** Headers and body of one request must have come in this time. */
  readonly requestMs: number;
  /** A peer that takes no byte of an answer for this long is cut off. */
  readonly stalledMs: number;
  /** On stop, answers in flight get this long. */
  readonly graceMs: number;
}

export const defaultLimits: Limits = {
  maxBodyBytes: 3 * 1024 * 1024,
  maxInFlight: 4000,
  maxMutatingInFlight: 2000,
  minWatchMs: 1_800_000,
  keepAliveMs: 180_000,
  requestMs: 60_000,
  stalledMs: 60_000,
  graceMs: 10_000,
};

/** One named health check; a rejection's message is shown as its reason. */
export interface HealthCheck {
  readonly name: string;
  /** Which of the three endpoints ask it; all of them by default. */
  readonly endpoints?: readonly ('healthz' | 'livez' | 'readyz')[];
  check(): void | Promise<void>;
}

/** A certificate for those who ask for certain names (SNI). */
export interface NamedCertificate {
  readonly cert: string;
  readonly key: string;
  /** `example.com` or `*.example.com`; empty: those that the certificate names. */
  readonly names: readonly string[];
}

/** Everything PEM. */
export interface TlsMaterial {
  readonly cert: string;
  readonly key: string;
  /** Client certificates are asked for, and verified against this; unverified ones are handed on, marked so. */
  readonly clientCa?: string;
  /** Default: TLSv1.2. */
  readonly minVersion?: SecureVersion;
  /** OpenSSL's names; default: node's own choice. */
  readonly ciphers?: string;
  /** OpenSSL's names of groups for the key exchange, joined by colons; default: node's own choice. */
  readonly ecdhCurve?: string;
  /** Shown instead of `cert` to those who ask for these names; the earlier one counts. */
  readonly named?: readonly NamedCertificate[];
}

export interface Http2Options {
  /** Requests at a time on one connection; default: 100. */
  readonly maxStreams?: number;
  /** How likely a request is to end its connection, from 0 to 1: clients come back by way of whatever balances them. */
  readonly goawayChance?: number;
}

export type HistoryLog = Pick<LogReader, 'head' | 'id' | 'read' | 'revisionAt' | 'floorOf' | 'onGrown'>;

export interface ApiServerOptions {
  readonly kinds: KindRegistry;
  readonly store: (row: ResourceRow) => ResourceStore | undefined;
  readonly subresource?: (row: ResourceRow, subresource: string) => SubresourceHandler | undefined;
  readonly connect?: (row: ResourceRow, subresource: string) => ConnectHandler | undefined;
  readonly authenticate: Authenticator['authenticate'];
  readonly authorize: Authorizer['authorize'];
  readonly admission: AdmissionChain;
  /** Writes down who did what. Absent: nobody does. */
  readonly audit?: Auditor;
  /** Says who comes when. Absent: `limits` count requests, whoever sends them. */
  readonly flowControl?: FlowControl;
  readonly storage: Pick<Storage, 'revision' | 'revisionAt'>;
  /** What `/history` reads. Absent: it is not served. */
  readonly history?: HistoryLog;
  readonly metrics: MetricsRegistry;
  /** Prometheus text of further registries (other threads), shown after `metrics`. Their names must be others. */
  readonly furtherMetrics?: () => string | Promise<string>;
  readonly clock: Clock;
  readonly monotonic: Monotonic;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
  /** A line of the log for each request; by default there is none. */
  readonly logsRequests?: boolean;
  /** Absent: plain HTTP (tests, behind a proxy). */
  readonly tls?: TlsMaterial;
  /** Absent: HTTP/1.1 alone. Needs `tls`: clients choose in their handshake. */
  readonly http2?: Http2Options;
  /** Sent with every answer as `Strict-Transport-Security`. */
  readonly strictTransportSecurity?: string;
  /** Of scripts on pages of which origins browsers are told that they may read answers. Absent: of none. */
  readonly allowsOrigin?: (origin: string) => boolean;
  readonly limits?: Partial<Limits>;
  readonly shutdown?: Partial<ShutdownOptions>;
  readonly health?: readonly HealthCheck[];
  /** Told what lies behind a refusal, where it is another error. */
  readonly noteFailure?: (cause: unknown) => void;
  /** Contents of `/.well-known/openid-configuration` and `/openid/v1/jwks`. */
  readonly openid?: { readonly configuration: () => object; readonly keys: () => object | Promise<object> };
  /** What `/flagz` answers: every flag and its value as text, without secrets. */
  readonly flags?: Readonly<Record<string, string>>;
  /** What `/configz` answers: the configuration in effect. Absent: there is no such path. */
  readonly configz?: () => Readonly<Record<string, unknown>>;
  /** `/debug/<name>` answers. */
  readonly debug?: Readonly<Record<string, (query: URLSearchParams) => unknown>>;
  /** Documentation of a struct of the table of kinds (`field` '') or of a field, for table columns and OpenAPI; '' if unknown. */
  readonly describe?: (struct: string, field: string) => string;
  /** The `host:port` that legacy discovery names as the server's address. */
  readonly advertise?: () => string;
}
