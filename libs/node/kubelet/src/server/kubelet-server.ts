import { StatusError, failure, statusErrors } from '@reckon/api/machinery';
import type { Running } from '@reckon/kernel';
import { type IncomingMessage, type RequestListener, type Server, type ServerResponse, createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import type { KubeletOptions, ServingTls } from '../kubelet-options';
import type { Pod } from '../stages/next-stage';
import { parseLogQuery } from './log-query';
import { serveLog } from './serve-log';

export interface KubeletServer extends Running {
  readonly port: number;
}

export interface KubeletView {
  pod(namespace: string, name: string): Pod | undefined;
  all(): readonly Pod[];
}

/** What the apiserver asks a kubelet: logs, and (once containers are real) exec, attach, port-forward. */
export async function startKubeletServer(options: KubeletOptions, view: KubeletView): Promise<KubeletServer> {
  const { host, port, tls, authorize } = options.listen;
  const abort = new AbortController();
  const listener: RequestListener = (request, response) => {
    void answer(options, view, authorize, request, response, abort.signal);
  };
  const server = tls === undefined ? createServer(listener) : secureServer(options.listen, tls, listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    stop() {
      abort.abort();
      server.closeAllConnections();
      return new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      });
    },
  };
}

function secureServer(
  { clientCa, onCertificate, onClientCa }: KubeletOptions['listen'],
  tls: ServingTls,
  listener: RequestListener,
): Server {
  let context: SecureContextOptions = { ...tls, ...(clientCa === undefined ? {} : { ca: clientCa }) };
  const server = createTlsServer(
    { ...context, requestCert: clientCa !== undefined, rejectUnauthorized: false },
    listener,
  );
  // Each takes the place of its own part only: certificate and authorities change one without the other.
  const change = (part: SecureContextOptions): void => {
    const next = { ...context, ...part };
    server.setSecureContext(next);
    context = next;
  };
  onCertificate?.(change);
  onClientCa?.((ca) => {
    change({ ca });
  });
  return server;
}

async function answer(
  options: KubeletOptions,
  view: KubeletView,
  authorize: (authorization: string) => boolean,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  try {
    if ((await options.listen.before?.(request, response)) === true) return;
    const url = new URL(request.url ?? '/', 'http://kubelet');
    if (url.pathname === '/healthz') {
      plain(response, 'ok');
      return;
    }
    if (!authorize(request.headers.authorization ?? '')) throw statusErrors.unauthorized();
    const [, verb = '', namespace = '', name = '', container = ''] = url.pathname.split('/').map(decoded);
    switch (verb) {
      case 'containerLogs':
        await serveLog(
          { namespace, name, container, pod: () => view.pod(namespace, name) },
          parseLogQuery(url.searchParams, options.clock.nowMs()),
          response,
          { timers: options.timers, signal },
        );
        return;
      case 'pods':
        json(response, 200, { kind: 'PodList', apiVersion: 'v1', metadata: {}, items: view.all() });
        return;
      case 'exec':
      case 'attach':
      case 'portForward':
        throw notSimulated(verb);
      default:
        throw new StatusError(failure({ reason: 'NotFound', message: `the kubelet has no path ${url.pathname}` }));
    }
  } catch (error) {
    const status =
      error instanceof StatusError
        ? error.status
        : statusErrors.internal(error instanceof Error ? error.message : String(error)).status;
    if (response.headersSent) response.destroy();
    else json(response, status.code, status);
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (cause) {
    throw new StatusError(failure({ reason: 'BadRequest', message: `the path has a bad escape: ${part}` }), { cause });
  }
}

const notSimulated = (verb: string): StatusError =>
  new StatusError(
    failure({
      reason: 'NotImplemented',
      message: `${verb} needs a running container, and the containers of this node are simulated: there is no process to reach`,
    }),
  );

function plain(response: ServerResponse, text: string): void {
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.end(text);
}

function json(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
