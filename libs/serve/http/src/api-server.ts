import { createDecoder } from '@reckon/api/kinds';
import type { Running } from '@reckon/kernel';
import { createDiscovery } from '@reckon/serve/discovery';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import { ServerResponse } from 'node:http';
import { Server as HttpsServer } from 'node:https';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { AccessMetrics } from './access-metrics';
import { type ApiServerOptions, type TlsMaterial, defaultLimits } from './api-server-options';
import { Exchange } from './exchange';
import { type AnyServer, createMainServer, createSocketServer, listenTcp, listenUnix } from './listeners';
import { createPathTable } from './paths/create-path-table';
import { auditEnd } from './pipeline/audit';
import { PeerCertificates } from './pipeline/authenticate';
import { watchDeadlines } from './pipeline/deadlines';
import { InFlight, isLongRunning } from './pipeline/in-flight';
import { runPipeline } from './pipeline/pipeline';
import { departure } from './pipeline/time-travel';
import { RequestMetrics } from './request-metrics';
import { Negotiator } from './response/negotiate';
import { respondError } from './response/respond-error';
import { logRequest } from './log-request';
import type { HttpCall } from './http-message';
import type { Http2Sessions } from './http2/serve-http2';
import type { ServerParts } from './server-parts';
import { type Shutdown, defaultShutdown, endWatches } from './shutdown';
import { tlsContexts } from './tls-contexts';
import { ChunkFramer } from './watching/chunk-framer';
import { WatchMetrics } from './watching/watch-metrics';

export interface ListenOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** A second listener for programs of the same user. */
  readonly unixSocket?: string;
}

export interface ApiServer extends Running {
  /** Resolves with the port once both listeners are up. */
  listen(options: ListenOptions): Promise<{ readonly port: number }>;
  /** Runs one request without a connection (fastify's `inject`). */
  readonly inject: FastifyInstance['inject'];
  /**
   * Rotated certificates, keys and authorities: connections from now on meet them, open ones and their watches go on. Throws what is
   * wrong with them, and then changes nothing.
   */
  useTls(tls: TlsMaterial): void;
  /** Stops taking connections, ends watches, lets answers in flight finish for a while. */
  stop(): Promise<void>;
}

/** The HTTP plane: every request goes through `pipeline.ts`. */
export function createApiServer(options: ApiServerOptions): ApiServer {
  let isStopping = false;
  let port = 0;
  const shutdown: Shutdown = { phase: 'serving' };
  const leave = { ...defaultShutdown, ...options.shutdown };
  const limit = { ...defaultLimits, ...options.limits };
  const parts: ServerParts = {
    ...options,
    limit,
    decoder: createDecoder(options.kinds),
    requests: new RequestMetrics(options.metrics),
    access: new AccessMetrics(options.metrics, options.monotonic),
    watchEvents: new WatchMetrics(options.metrics),
    certificates: new PeerCertificates(),
    impersonationModes: new Map(),
    inFlight: new InFlight(limit, options.metrics),
    discovery: createDiscovery(options.kinds, { advertise: options.advertise ?? (() => `127.0.0.1:${String(port)}`) }),
    negotiator: new Negotiator(),
    paths: createPathTable(options, () => shutdown.phase !== 'serving'),
    shutdown,
    chunks: new ChunkFramer(),
    watches: new Set(),
  };
  const handshakeErrors = options.metrics
    .counter('apiserver_tls_handshake_errors_total', 'Connections that ended in their TLS handshake.')
    .of();
  const running = new Set<Exchange>();
  const sockets = new Set<Socket>();
  let becameQuiet = ignore;
  let endDeadlines = ignore;

  function accept(call: HttpCall): void {
    const { request, response, connection, upgrade } = call;
    // Some clients send the whole URL.
    const url = request.url ?? '/';
    const target = url.startsWith('/') ? url : url.replace(/^https?:\/\/[^/]*/, '');
    const past = departure(target);
    const exchange = new Exchange(parts, call, past?.rest ?? target);
    exchange.moment = past?.moment;
    // A write to a peer that has just gone: its `close` says so too.
    response.on('error', ignore);
    if (options.strictTransportSecurity !== undefined)
      response.setHeader('Strict-Transport-Security', options.strictTransportSecurity);
    if (isStopping) response.shouldKeepAlive = false;
    running.add(exchange);
    const closed = isLongRunning(exchange) ? parts.requests.opened(exchange) : undefined;
    (upgrade?.socket ?? response).once('close', () => {
      running.delete(exchange);
      exchange.seat?.finish();
      exchange.release?.();
      closed?.();
      auditEnd(exchange);
      parts.requests.answered(exchange);
      if (options.logsRequests === true) logRequest(exchange);
      if (!isStopping) return;
      // The peer would send its next request on it; one that is shared was told, and ends with its last stream.
      if (!exchange.isOneOfMany) connection.destroySoon();
      if (running.size === 0) becameQuiet();
    });
    try {
      const pending = runPipeline(exchange);
      pending?.catch((error: unknown) => {
        respondError(exchange, error);
      });
    } catch (error) {
      respondError(exchange, error);
    }
  }

  function acceptPlain(request: IncomingMessage, response: ServerResponse): void {
    accept({ request, body: request, response, connection: request.socket });
  }

  /** An upgrade has no response: one is put on its socket, so that a refusal is an ordinary answer. */
  function acceptUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (!(socket instanceof Socket)) throw new Error('not a socket');
    const response = new ServerResponse(request);
    response.assignSocket(socket);
    response.shouldKeepAlive = false;
    response.on('finish', () => {
      socket.end();
    });
    socket.on('error', () => socket.destroy());
    const release = (): void => {
      response.detachSocket(socket);
    };
    accept({ request, body: request, response, connection: socket, upgrade: { request, socket, head, release } });
  }

  let contexts = options.tls === undefined ? undefined : tlsContexts(options.tls);
  let main: AnyServer | undefined;
  let local: Server | undefined;
  let sessions: Http2Sessions | undefined;
  const app = createApp((handler) => {
    main = createMainServer(
      handler,
      limit,
      contexts === undefined
        ? undefined
        : {
            contexts: () => contexts,
            asksForCertificate: options.tls?.clientCa !== undefined,
            protocols: options.http2 === undefined ? ['http/1.1'] : ['h2', 'http/1.1'],
            handshakeFailed: () => {
              handshakeErrors(1);
            },
          },
    );
    local = createSocketServer(handler, limit);
    for (const server of [main, local]) {
      server.on('upgrade', acceptUpgrade);
      server.on('connection', (socket: Socket) => {
        sockets.add(socket);
        socket.once('close', () => sockets.delete(socket));
      });
    }
    return main;
  }, acceptPlain);

  async function listen({ host, port: wanted, unixSocket }: ListenOptions): Promise<{ port: number }> {
    await app.ready();
    if (main === undefined || local === undefined) throw new Error('fastify made no server');
    sessions = await startHttp2(main);
    port = await listenTcp(main, host, wanted);
    if (unixSocket !== undefined) await listenUnix(local, unixSocket);
    endDeadlines = watchDeadlines(running, parts);
    return { port };
  }

  /** Its library is loaded for those who want it. */
  async function startHttp2(server: AnyServer): Promise<Http2Sessions | undefined> {
    if (options.http2 === undefined || !(server instanceof HttpsServer)) return undefined;
    const { maxStreams, goawayChance = 0 } = options.http2;
    const { serveHttp2 } = await import('./http2/serve-http2');
    return serveHttp2(server, limit, maxStreams, (call) => {
      if (goawayChance > 0 && options.random.float() < goawayChance) call.response.shouldKeepAlive = false;
      accept(call);
    });
  }

  function useTls(tls: TlsMaterial): void {
    if (!(main instanceof HttpsServer)) throw new Error('this server is one without TLS');
    const next = tlsContexts(tls);
    main.setSecureContext(next.fallback);
    contexts = next;
  }

  function close(): Promise<void>[] {
    sessions?.close();
    return [main, local].filter((s) => s?.listening === true).map((s) => closed(s as AnyServer));
  }

  async function stop(): Promise<void> {
    if (shutdown.phase === 'serving' && leave.delayMs > 0) {
      shutdown.phase = 'leaving';
      await parts.timers.sleep(leave.delayMs);
    }
    isStopping = true;
    shutdown.phase = leave.sendsRetryAfter ? 'refusing' : 'draining';
    for (const { response } of running) response.shouldKeepAlive = false;
    const closing = leave.sendsRetryAfter ? [] : close();
    await endWatches(parts.watches, leave.watchGraceMs, parts.timers);
    const patience = new AbortController();
    const quiet = new Promise<void>((resolve) => {
      becameQuiet = resolve;
      if (running.size === 0) resolve();
    });
    await Promise.race([quiet, parts.timers.sleep(limit.graceMs, patience.signal)]);
    patience.abort();
    endDeadlines();
    closing.push(...close());
    for (const exchange of running) exchange.abort();
    for (const server of [main, local]) server?.closeAllConnections();
    sessions?.destroy();
    // Peers that are still in their handshake are on no list of node's.
    for (const socket of sockets) socket.destroy();
    await Promise.all(closing);
    await app.close();
  }

  return { listen, stop, useTls, inject: app.inject.bind(app) };
}

const ignore = (): void => undefined;

function noSchemas(): never {
  throw new Error('no route here has a schema');
}

function closed(server: AnyServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}

/** Requests with these go straight to `accept`; Fastify says what becomes of other methods. */
const methods: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/**
 * Fastify with one catch-all route whose `onRequest` hook takes the request over before the body is read. It keeps the list of
 * methods, the life cycle and `inject`; reading bodies and writing answers is ours, because a body is read only after authorization
 * and stored bytes go out as they are.
 */
function createApp(
  serverFactory: (handler: RequestListener) => Server,
  accept: (request: IncomingMessage, response: ServerResponse) => void,
): FastifyInstance {
  const app = Fastify({
    logger: false,
    // Routing by Fastify would cost every request a tenth of a plain GET, to find the only route that there is.
    serverFactory: (handler) =>
      serverFactory((request, response) => {
        if (methods.has(request.method)) accept(request, response);
        else handler(request, response);
      }),
    // Nothing is validated or written by schema here; without its compilers a megabyte of libraries is never loaded.
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
    // Who cannot be understood is answered by the listener; Fastify would cut the connection under the answer.
    clientErrorHandler: () => undefined,
    // An odd path is looked at by our own rules, not by the router's.
    rewriteUrl: () => '/',
    routerOptions: { ignoreTrailingSlash: false },
  });
  const takeOver = (_request: FastifyRequest, reply: FastifyReply): void => {
    reply.hijack();
  };
  app.addHook('onRequest', (request, reply) => {
    reply.hijack();
    request.raw.url = request.originalUrl;
    accept(request.raw, reply.raw);
  });
  app.all('/', takeOver);
  app.setNotFoundHandler(takeOver);
  return app;
}
