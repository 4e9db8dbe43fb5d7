import type { RequestContext, UserInfo } from '@reckon/registry/generic';
import type { AuditRecord } from '@reckon/serve/audit';
import type { Seat } from '@reckon/serve/flow-control';
import type { Revision } from '@reckon/store/contract';
import type { Socket } from 'node:net';
import type { HttpBody, HttpCall, HttpRequest, HttpResponse, Upgrade } from './http-message';
import type { ServerParts } from './server-parts';
import { type RequestInfo, requestInfoOf } from './request-info';
import { managerFromUserAgent } from './manager-from-user-agent';

/** Parts of an answer's time, by upstream's names (k8s.io/apiserver/pkg/endpoints/request `LatencyTrackers`). */
export type Latency = 'authentication' | 'authorization' | 'impersonation' | 'apf-queue-wait';

const nobody: UserInfo = { name: '', groups: [] };
const noParameters = new URLSearchParams();

/** One request on its way through the pipeline. What costs something (query, signal, manager) is made when first asked for. */
export class Exchange implements RequestContext {
  readonly startedMs: number;
  info: RequestInfo;
  user: UserInfo = nobody;
  /** As the answer and audit events show it. */
  auditId = '';
  /** As the log and its lines show it: not longer than a name. */
  requestId = '';
  /** What stands behind `/at/`, as it was written; undefined: nothing does. */
  moment: string | undefined;
  /** Set under `/at/…`: a revision, or a time that `resolveTime` turns into one. */
  at: Revision | undefined;
  atTimeMs: number | undefined;
  /** What is written down of it; undefined if nothing is. */
  audit: AuditRecord | undefined;
  /** Whether anything is to be written down was decided: the credential was good. */
  isAudited = false;
  earlyAnnotations: [key: string, value: string][] | undefined;
  /** Its seat in its priority level, or its place in a queue for one. */
  seat: Seat | undefined;
  /** Time in a queue of its priority level. */
  queuedMs = 0;
  /** Length of the body, once it is known. */
  sentBytes = 0;
  /** Gives back the place in the in-flight count. */
  release: (() => void) | undefined;
  /** It was answered because its time was over: nothing more is. */
  isTimedOut = false;
  /** The path led to a resource that is served. */
  isRouted = false;
  warnings: string[] | undefined;
  /** Where time went, for audit. */
  latencies: Map<Latency, number> | undefined;
  private now: number | undefined;
  private parameters: URLSearchParams | undefined;
  private controller: AbortController | undefined;
  private manager: string | undefined;
  private answered = 0;

  readonly request: HttpRequest;
  readonly body: HttpBody;
  /** On an upgrade it is never written to by a node server; see `watch-socket.ts`. */
  readonly response: HttpResponse;
  readonly connection: Socket;
  readonly isOneOfMany: boolean;
  readonly upgrade: Upgrade | undefined;

  constructor(
    readonly server: ServerParts,
    call: HttpCall,
    pathAndQuery: string,
  ) {
    this.startedMs = server.monotonic.elapsedMs();
    this.request = call.request;
    this.body = call.body;
    this.response = call.response;
    this.connection = call.connection;
    this.isOneOfMany = call.isOneOfMany === true;
    this.upgrade = call.upgrade;
    this.info = requestInfoOf(call.request.method ?? '', pathAndQuery);
  }

  /** Status that was answered; 0 until then. Set when the headers of the answer go out. */
  get code(): number {
    return this.answered;
  }

  set code(code: number) {
    this.answered = code;
    this.audit?.started(code);
    // A watch that is open does nothing but wait; others have its seat.
    if (this.info.verb === 'watch') this.seat?.finish();
  }

  get query(): URLSearchParams {
    return (this.parameters ??= this.info.query === '' ? noParameters : new URLSearchParams(this.info.query));
  }

  get nowMs(): number {
    return (this.now ??= this.server.clock.nowMs());
  }

  get verb(): string {
    return this.info.verb;
  }

  get userAgent(): string {
    return this.request.headers['user-agent'] ?? '';
  }

  get fieldManager(): string {
    if (this.manager !== undefined) return this.manager;
    const asked = this.info.query.includes('fieldManager') ? (this.query.get('fieldManager') ?? '') : '';
    return (this.manager = asked !== '' ? asked : managerFromUserAgent(this.userAgent));
  }

  /** Aborted when the peer goes away before the answer is finished, or the server stops. */
  get signal(): AbortSignal {
    return this.controllerOf().signal;
  }

  private controllerOf(): AbortController {
    if (this.controller !== undefined) return this.controller;
    const controller = new AbortController();
    this.controller = controller;
    if (this.response.closed || this.connection.destroyed) controller.abort();
    else {
      // Not after a finished answer: nobody listens then, and an abort makes an error with its stack each time.
      this.response.once('close', () => {
        if (!this.response.writableFinished) controller.abort();
      });
    }
    return controller;
  }

  abort(): void {
    this.controllerOf().abort();
  }

  /** Called after the answer that says so. Whatever still works on it may stop. */
  timedOut(): void {
    this.isTimedOut = true;
    this.abort();
  }

  /** Something was waited for since then. */
  waited(latency: Latency, sinceMs: number): void {
    const { audit, monotonic } = this.server;
    if (audit === undefined) return;
    this.latencies ??= new Map();
    this.latencies.set(latency, (this.latencies.get(latency) ?? 0) + monotonic.elapsedMs() - sinceMs);
  }

  warn(text: string): void {
    this.warnings ??= [];
    if (!this.warnings.includes(text)) this.warnings.push(text);
  }

  annotate(key: string, value: string, level?: 'Metadata' | 'Request'): void {
    if (this.isAudited) this.audit?.annotate(key, value, level);
    // Said by those who find out who it is: what is written down is decided after that.
    else if (this.server.audit !== undefined) (this.earlyAnnotations ??= []).push([key, value]);
  }

  /** Header given once, or the first of several. */
  header(name: string): string {
    const value = this.request.headers[name];
    return value === undefined ? '' : typeof value === 'string' ? value : (value[0] ?? '');
  }

  /** On this machine: a unix socket or a loopback address. Bytes are cheap there, gzip is not. */
  get isLocalPeer(): boolean {
    const address = (this.connection as Socket | null)?.remoteAddress;
    return (
      address === undefined || address.startsWith('127.') || address === '::1' || address.startsWith('::ffff:127.')
    );
  }
}
