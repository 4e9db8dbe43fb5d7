import { StatusError, statusErrors } from '@reckon/api/machinery';
import type { Clock, MetricsRegistry, Running } from '@reckon/kernel';
import {
  type HealthCheck,
  type TlsMaterial,
  answerPlainHttp,
  componentPageForm,
  flagzPage,
  statuszPage,
  tlsContexts,
} from '@reckon/serve/http';
import { type IncomingMessage, type RequestListener, type Server, type ServerResponse, createServer } from 'node:http';
import { Server as TlsServer, createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Guard } from './component-guard';
import { componentHealth } from './health';
import type { ServingCertificate } from './serving-certificate';
import type { TlsSecurity } from './tls-security';

/** What a component says of itself. */
export interface ComponentPages {
  /** Upstream's name of it, which clients look for. */
  readonly name: string;
  readonly clock: Clock;
  /** Every flag as text, without secrets. */
  readonly flags: Readonly<Record<string, string>>;
  /** How its checks went, and who counts it. */
  readonly slis: MetricsRegistry;
  readonly observe: (endpoint: string, name: string, failure: string | undefined) => void;
  readonly guard: Guard;
  readonly health: readonly HealthCheck[];
  readonly metrics: MetricsRegistry;
  /** Configuration as it is in effect, by the name that upstream gives it. */
  readonly configz: () => Readonly<Record<string, unknown>>;
}

/** Without a word on TLS: from version 1.2 on, node's own choice of suites. */
export type ServingTls = ServingCertificate & Partial<TlsSecurity> & Pick<TlsMaterial, 'named'>;

export interface ListenAt {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly tls?: ServingTls;
  /** Client certificates are verified against this; without it none is good. */
  readonly clientCa?: string;
}

export interface ComponentServer extends Running {
  readonly port: number;
  /** Client certificates of new connections are verified against this from now on. */
  readonly trust: (clientCaPem: string) => void;
  /** New connections meet this from now on; whom to trust stays where it does not say. Throws what is wrong with it, and changes nothing. */
  readonly useTls: (tls: TlsMaterial) => void;
}

/**
 * Answers `/healthz`, `/livez`, `/readyz`, `/metrics`, `/metrics/slis`, `/configz`, `/flagz` and `/statusz`. Resolves to false, with
 * nothing written, for any other path that the asker may read: it is for somebody else to answer.
 */
export async function answerPage(
  pages: ComponentPages,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  try {
    const url = new URL(request.url ?? '/', 'http://component');
    await pages.guard(request, url.pathname);
    const health = await componentHealth(pages.health, url, pages.observe);
    if (health !== undefined) {
      send(response, health.code, 'text/plain; charset=utf-8', health.text);
      return true;
    }
    switch (url.pathname) {
      case '/metrics':
        send(response, 200, metricsType, pages.metrics.render());
        return true;
      case '/metrics/slis':
        send(response, 200, metricsType, pages.slis.render());
        return true;
      case '/configz':
        send(response, 200, 'application/json', JSON.stringify(pages.configz()));
        return true;
      case '/flagz':
        await sendPage(request, response, { name: pages.name, page: flagzPage(pages.flags) });
        return true;
      case '/statusz':
        await sendPage(request, response, { name: pages.name, page: statuszPage(pages.clock.nowMs(), paths) });
        return true;
      default:
        return false;
    }
  } catch (error) {
    refuse(response, error);
    return true;
  }
}

const metricsType = 'text/plain; version=0.0.4; charset=utf-8';
const paths = ['/configz', '/flagz', '/healthz', '/livez', '/metrics', '/readyz', '/statusz'];

async function sendPage(
  request: IncomingMessage,
  response: ServerResponse,
  { name, page }: { readonly name: string; readonly page: ReturnType<typeof flagzPage> },
): Promise<void> {
  const form = componentPageForm(request.headers.accept ?? '', name, page);
  if (form.format === 'text') {
    send(response, 200, 'text/plain; charset=utf-8', form.text);
    return;
  }
  if (form.warning !== undefined) response.setHeader('Warning', `299 - "${form.warning}"`);
  if (form.format === 'json') {
    send(response, 200, 'application/json', JSON.stringify(form.document, null, form.isPretty ? 2 : undefined));
    return;
  }
  const { stringify } = await import('../yaml-text');
  send(response, 200, 'application/yaml', stringify(form.document, { sortMapEntries: true }));
}

/** The HTTPS server of a component that serves nothing else. Resolves when it listens. */
export function startComponentServer(pages: ComponentPages, at: ListenAt): Promise<ComponentServer> {
  return serve(at, (request, response) => {
    void answerPage(pages, request, response).then((isAnswered) => {
      if (!isAnswered) send(response, 404, 'text/plain; charset=utf-8', '404 page not found\n');
    });
  });
}

/** A plain HTTP server of `/healthz` alone, open to all who reach it. */
export function startHealthServer(health: readonly HealthCheck[], at: ListenAt): Promise<ComponentServer> {
  return serve(at, (request, response) => {
    const url = new URL(request.url ?? '/', 'http://component');
    void componentHealth(health, url).then((answer) => {
      send(response, answer?.code ?? 404, 'text/plain; charset=utf-8', answer?.text ?? '404 page not found\n');
    });
  });
}

async function serve(at: ListenAt, listener: RequestListener): Promise<ComponentServer> {
  let material: TlsMaterial | undefined =
    at.tls === undefined ? undefined : { ...at.tls, ...(at.clientCa === undefined ? {} : { clientCa: at.clientCa }) };
  let contexts = material === undefined ? undefined : tlsContexts(material);
  const server: Server | TlsServer =
    contexts === undefined
      ? createServer(listener)
      : createTlsServer(
          {
            ...contexts.fallback,
            SNICallback: (serverName, use) => {
              use(null, contexts?.named(serverName));
            },
            requestCert: true,
            rejectUnauthorized: false,
          },
          listener,
        );
  if (server instanceof TlsServer) answerPlainHttp(server);
  const useTls = (tls: TlsMaterial): void => {
    if (!(server instanceof TlsServer)) throw new Error('this server is one without TLS');
    const next = {
      ...tls,
      ...(tls.clientCa === undefined && material?.clientCa !== undefined ? { clientCa: material.clientCa } : {}),
    };
    const made = tlsContexts(next);
    server.setSecureContext(made.fallback);
    contexts = made;
    material = next;
  };
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(at.port, at.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    trust(clientCa) {
      if (material !== undefined) useTls({ ...material, clientCa });
    },
    useTls,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function refuse(response: ServerResponse, error: unknown): void {
  const { status } =
    error instanceof StatusError ? error : statusErrors.internal('the request could not be answered', error);
  send(response, status.code, 'application/json', JSON.stringify(status));
}

function send(response: ServerResponse, code: number, type: string, text: string): void {
  response.writeHead(code, { 'content-type': type, 'x-content-type-options': 'nosniff' });
  response.end(text);
}
