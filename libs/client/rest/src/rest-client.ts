import { readFileSync } from 'node:fs';
import { type KubeObject, type Status, StatusError, type StatusReason, failure, isStatus } from '@reckon/api/machinery';
import type { Clock, Monotonic, Timers } from '@reckon/kernel';
import type { Dispatcher } from 'undici';
import type { ClientConfig } from './client-config';
import { Connections } from './connections';
import { type ConnectionPems, connectionPems } from './credentials/connection-pems';
import type { ServerDialer } from './credentials/dial-server';
import { impersonationHeaders } from './credentials/impersonation';
import type { HostMetrics, RequestMetrics } from './request-metrics';
import { ResourceClient } from './resource-client';
import type { ResourceRef } from './resource-ref';
import { TokenBucket } from './token-bucket';

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface RequestOptions {
  readonly query?: Query;
  /** Sent as JSON; a Buffer is sent as it is. */
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  readonly signal?: AbortSignal;
  /** Streams only: told the headers of an answer before its body. */
  readonly onHeaders?: (headers: Readonly<Record<string, string>>) => void;
  /** May trail everything else: sent over connections of its own, so that many of these never hold up what somebody waits for. */
  readonly mayTrail?: boolean;
}

export interface RestClientDeps {
  readonly clock: Clock & Monotonic;
  readonly timers: Timers;
  readonly maxConnections?: number;
  readonly requests?: RequestMetrics;
}

const longestRetries = 10;
const tokenFileLifetimeMs = 60_000;

/**
 * One apiserver, spoken to over HTTP/1.1. Three pools: `calls` with a bound (so a storm of reconciles queues here, not in the
 * server), `trailing` with a small one for what may be late (Events), and `streams` without one, since each watch occupies its
 * connection. Where the authority's file or that of the certificate has changed, there are others: what is under way goes on over the
 * old ones (client-go/transport `atomicTransportHolder`).
 *
 * Every refusal of the server is thrown as `StatusError`; a 429 with Retry-After is retried up to ten times
 * (client-go/rest `Request.request`); failures of the transport are thrown as they are.
 */
export class RestClient {
  private readonly metrics: HostMetrics | undefined;
  /** Two, so that Events never hold up what somebody waits for; watches take no token, as client-go's do not. */
  private readonly buckets: Readonly<Record<'calls' | 'trailing', TokenBucket>> | undefined;
  private readonly pems: () => ConnectionPems;
  private connected: Connections;
  private readonly retired = new Set<Connections>();
  private tokenRead = { atMs: -Infinity, token: '' };
  private dialing: Promise<ServerDialer> | undefined;
  private readonly impersonating: Readonly<Record<string, string[]>> | undefined;

  constructor(
    readonly config: ClientConfig,
    private readonly deps: RestClientDeps,
  ) {
    const { impersonation } = config;
    this.impersonating = impersonation === undefined ? undefined : impersonationHeaders(impersonation);
    const { origin } = this;
    this.metrics = deps.requests?.of(URL.canParse(origin) ? new URL(origin).host : origin);
    const rate = config.requestRate;
    if (rate !== undefined)
      this.buckets = { calls: new TokenBucket(rate, deps), trailing: new TokenBucket(rate, deps) };
    this.pems = connectionPems(config, deps.clock);
    this.connected = this.connect(config);
  }

  resource<T = KubeObject>(ref: ResourceRef): ResourceClient<T> {
    return new ResourceClient<T>(this, ref);
  }

  /** As `resource`, but only the metadata of objects is read. */
  metadata(ref: ResourceRef): ResourceClient {
    return new ResourceClient(this, ref, 'metadata');
  }

  /** As `resource`, for what may trail. */
  trailingResource<T = KubeObject>(ref: ResourceRef): ResourceClient<T> {
    return new ResourceClient<T>(this, ref, 'trailing');
  }

  async request<T>(method: Dispatcher.HttpMethod, path: string, options: RequestOptions = {}): Promise<T> {
    if (this.metrics === undefined && this.buckets === undefined) return this.call(method, path, options);
    const { clock } = this.deps;
    const begunMs = clock.elapsedMs();
    try {
      if (this.buckets !== undefined) {
        await this.buckets[options.mayTrail === true ? 'trailing' : 'calls'].take(options.signal);
        this.metrics?.waited(method, (clock.elapsedMs() - begunMs) / 1000);
      }
      return await this.call(method, path, options);
    } finally {
      this.metrics?.took(method, (clock.elapsedMs() - begunMs) / 1000);
    }
  }

  private async call<T>(method: Dispatcher.HttpMethod, path: string, options: RequestOptions): Promise<T> {
    const pool = options.mayTrail === true ? 'trailing' : 'calls';
    const body =
      options.body === undefined ? null : Buffer.isBuffer(options.body) ? options.body : JSON.stringify(options.body);
    for (let attempt = 0; ; attempt++) {
      const token = await this.token();
      const request = {
        method,
        path: path + queryText(options.query),
        headers: this.headers(options, body !== null, token),
        body,
      };
      const answer = await this.attempt(method, () => this.connections()[pool].exchange(request, options.signal));
      const { text } = answer;
      if (answer.statusCode < 400) return (text === '' ? undefined : JSON.parse(text)) as T;
      const retryAfter = Number(answer.headers['retry-after'] ?? NaN);
      if (
        (answer.statusCode === 429 || answer.statusCode >= 500) &&
        !Number.isNaN(retryAfter) &&
        attempt < longestRetries
      ) {
        await this.deps.timers.sleep(retryAfter * 1000, options.signal);
        if (options.signal?.aborted !== true) continue;
      }
      if (answer.statusCode === 401) await this.refused(token);
      throw new StatusError(statusOf(answer.statusCode, text));
    }
  }

  /** The body of a GET as it arrives (logs, watches). Ends when the server ends it or the signal is aborted. */
  async *stream(path: string, options: RequestOptions = {}): AsyncGenerator<Buffer> {
    const token = await this.token();
    const request = {
      method: 'GET',
      path: path + queryText(options.query),
      headers: this.headers(options, false, token),
      signal: options.signal ?? null,
    } as const;
    const answer = await this.attempt('GET', () => this.connections().streams.request(request));
    if (answer.statusCode === 401) await this.refused(token);
    if (answer.statusCode >= 400) throw new StatusError(statusOf(answer.statusCode, await answer.body.text()));
    options.onHeaders?.(singleHeaders(answer.headers));
    yield* answer.body as AsyncIterable<Buffer>;
  }

  private async attempt<A extends { readonly statusCode: number }>(
    method: Dispatcher.HttpMethod,
    send: () => Promise<A>,
  ): Promise<A> {
    try {
      const answer = await send();
      this.metrics?.attempted(method, answer.statusCode);
      return answer;
    } catch (error) {
      this.metrics?.attempted(method, undefined);
      throw error;
    }
  }

  /** Ends connections; requests in flight fail. */
  async close(): Promise<void> {
    await Promise.all([this.connected, ...this.retired].map((connections) => connections.destroy()));
  }

  private get origin(): string {
    return this.config.socketPath === undefined ? this.config.server : 'http://localhost';
  }

  private connect(pems: ConnectionPems): Connections {
    const { origin, config } = this;
    return new Connections({
      origin,
      config,
      pems,
      maxConnections: this.deps.maxConnections ?? 16,
      dialer: () => this.dialer(),
    });
  }

  /** Those of now. */
  private connections(): Connections {
    const pems = this.pems();
    const old = this.connected;
    if (old.pems === pems) return old;
    this.connected = this.connect(pems);
    this.retired.add(old);
    const gone = (): boolean => this.retired.delete(old);
    old.retire().then(gone, gone);
    return this.connected;
  }

  private headers(options: RequestOptions, hasBody: boolean, token: string): Record<string, string | string[]> {
    const headers: Record<string, string | string[]> = {
      ...this.impersonating,
      accept: options.accept ?? 'application/json',
      'user-agent': this.config.userAgent,
    };
    if (hasBody) headers['content-type'] = options.contentType ?? 'application/json';
    const { basic } = this.config;
    if (token !== '') headers['authorization'] = `Bearer ${token}`;
    else if (basic !== undefined)
      headers['authorization'] = `Basic ${Buffer.from(`${basic.username}:${basic.password}`).toString('base64')}`;
    return headers;
  }

  private dialer(): Promise<ServerDialer> {
    this.dialing ??= import('./credentials/dial-server').then(({ serverDialer }) =>
      serverDialer(this.config, this.deps.clock),
    );
    return this.dialing;
  }

  private async tokenOfProgram(): Promise<string> {
    const { source } = await this.dialer();
    return (await source?.current())?.token ?? '';
  }

  private async refuseOfProgram(token: string): Promise<void> {
    const { source } = await this.dialer();
    const credentials = await source?.current();
    if (credentials?.token === token) source?.refused(credentials);
  }

  private get asksProgram(): boolean {
    const { exec, token, tokenFile, basic } = this.config;
    return exec !== undefined && token === undefined && tokenFile === undefined && basic === undefined;
  }

  private token(): string | Promise<string> {
    if (this.config.tokenSource !== undefined) return this.config.tokenSource.token();
    if (this.config.tokenFile === undefined)
      return this.asksProgram ? this.tokenOfProgram() : (this.config.token ?? '');
    const now = this.deps.clock.nowMs();
    if (now - this.tokenRead.atMs > tokenFileLifetimeMs)
      this.tokenRead = { atMs: now, token: readFileSync(this.config.tokenFile, 'utf8').trim() };
    return this.tokenRead.token;
  }

  /** What was refused may have been replaced meanwhile: whoever tries again gets the new one. */
  private async refused(token: string): Promise<void> {
    this.config.tokenSource?.refused(token);
    if (this.asksProgram) await this.refuseOfProgram(token);
    this.tokenRead = { atMs: -Infinity, token: '' };
  }
}

function singleHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), typeof value === 'string' ? value : value.join(', ')]],
    ),
  );
}

function queryText(query: Query | undefined): string {
  if (query === undefined) return '';
  const parts: string[] = [];
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) parts.push(`${name}=${encodeURIComponent(String(value))}`);
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

/** The server's Status, or one made of what a proxy or a plain-text path answered. */
function statusOf(code: number, text: string): Status {
  try {
    const parsed: unknown = JSON.parse(text);
    if (isStatus(parsed)) return parsed;
  } catch {
    // Not JSON (`404 page not found`, a proxy's page): the text itself becomes the message.
  }
  const reason = code >= 500 && code !== 503 && code !== 504 ? 'InternalError' : reasonOfCode.get(code);
  return failure({
    code,
    message: text.trim() === '' ? `the server answered ${String(code)}` : text.trim(),
    ...(reason === undefined ? {} : { reason }),
  });
}

/** apimachinery/pkg/api/errors `NewGenericServerResponse` */
const reasonOfCode: ReadonlyMap<number, StatusReason> = new Map([
  [400, 'BadRequest'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'NotFound'],
  [405, 'MethodNotAllowed'],
  [406, 'NotAcceptable'],
  [409, 'Conflict'],
  [415, 'UnsupportedMediaType'],
  [422, 'Invalid'],
  [429, 'TooManyRequests'],
  [503, 'ServiceUnavailable'],
  [504, 'Timeout'],
]);
