import { StatusError, failure, microTimeText, statusErrors } from '@reckon/api/machinery';
import type { Running } from '@reckon/kernel';
import { type IncomingMessage, type RequestListener, type Server, type ServerResponse, createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { KubeletOptions } from '../kubelet-options';
import type { Pod } from '../stages/next-stage';
import { type LogQuery, parseLogQuery } from './log-query';
import { type LogLine, podLogLines } from './pod-log';

const pods = { group: '', resource: 'pods' };
/** How often a followed log is looked at for new lines. */
const followMs = 250;

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
  const server: Server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
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

async function answer(
  options: KubeletOptions,
  view: KubeletView,
  authorize: (authorization: string) => boolean,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  try {
    const url = new URL(request.url ?? '/', 'http://kubelet');
    if (url.pathname === '/healthz') {
      plain(response, 'ok');
      return;
    }
    if (!authorize(request.headers.authorization ?? '')) throw statusErrors.unauthorized();
    const [, verb = '', namespace = '', name = '', container = ''] = url.pathname.split('/').map(decodeURIComponent);
    switch (verb) {
      case 'containerLogs':
        await logs(options, view, { namespace, name, container }, parseLogQuery(url.searchParams, options.clock.nowMs()), response, signal);
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
      error instanceof StatusError ? error.status : statusErrors.internal(error instanceof Error ? error.message : String(error)).status;
    if (response.headersSent) response.destroy();
    else json(response, status.code, status);
  }
}

const notSimulated = (verb: string): StatusError =>
  new StatusError(
    failure({
      reason: 'NotImplemented',
      message: `${verb} needs a running container, and the containers of this node are simulated: there is no process to reach`,
    }),
  );

async function logs(
  options: KubeletOptions,
  view: KubeletView,
  of: { readonly namespace: string; readonly name: string; readonly container: string },
  query: LogQuery,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const lines = (): LogLine[] => {
    const pod = view.pod(of.namespace, of.name);
    if (pod === undefined) throw statusErrors.notFound(pods, of.name);
    const found = podLogLines(pod, of.container, query.previous);
    if (found === undefined)
      throw statusErrors.badRequest(`container ${of.container} is not valid for pod ${of.name}`);
    return found;
  };
  let left = query.limitBytes ?? Infinity;
  const write = (some: readonly LogLine[]): void => {
    for (const { atMs, text } of some) {
      const line = `${query.timestamps ? `${microTimeText(atMs)} ` : ''}${text}\n`.slice(0, left);
      left -= line.length;
      response.write(line);
    }
  };
  const all = lines();
  const chosen = all.filter((l) => query.fromMs === undefined || l.atMs >= query.fromMs);
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.flushHeaders();
  write(query.tailLines === undefined ? chosen : query.tailLines === 0 ? [] : chosen.slice(-query.tailLines));
  let told = all.length;
  while (query.follow && left > 0 && !signal.aborted && !response.destroyed) {
    const pod = view.pod(of.namespace, of.name);
    const now = pod === undefined ? [] : (podLogLines(pod, of.container, query.previous) ?? []);
    if (now.length > told) {
      write(now.slice(told));
      told = now.length;
    }
    if (pod === undefined || pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') break;
    await options.timers.sleep(followMs, signal);
  }
  response.end();
}

function plain(response: ServerResponse, text: string): void {
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.end(text);
}

function json(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
