import { StatusError, failure, statusErrors } from '@reckon/api/machinery';
import type { MetricsRegistry, Running } from '@reckon/kernel';
import { type HealthCheck, type TlsMaterial, tlsContexts } from '@reckon/serve/http';
import { type IncomingMessage, type RequestListener, type Server, type ServerResponse, createServer } from 'node:http';
import { Server as TlsServer, createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Guard } from './component-guard';
import { healthAnswer } from './health';
import type { ServingCertificate } from './serving-certificate';
import type { TlsSecurity } from './tls-security';

/** What a component says of itself. */
export interface ComponentPages {
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
 * Answers `/healthz`, `/livez`, `/readyz`, `/metrics` and `/configz`. Resolves to false, with nothing written, for any other path
 * that the asker may read: it is for somebody else to answer.
 */
export async function answerPage(
  pages: ComponentPages,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  try {
    const url = new URL(request.url ?? '/', 'http://component');
    await pages.guard(request, url.pathname);
    const health = await healthAnswer(pages.health, url.pathname, url.searchParams);
    if (health !== undefined) {
      send(response, health.code, 'text/plain; charset=utf-8', health.text);
      return true;
    }
    switch (url.pathname) {
      case '/metrics':
        send(response, 200, 'text/plain; version=0.0.4; charset=utf-8', pages.metrics.render());
        return true;
      case '/configz':
        send(response, 200, 'application/json', JSON.stringify(pages.configz()));
        return true;
      default:
        return false;
    }
  } catch (error) {
    refuse(response, error);
    return true;
  }
}

/** The HTTPS server of a component that serves nothing else. Resolves when it listens. */
export function startComponentServer(pages: ComponentPages, at: ListenAt): Promise<ComponentServer> {
  return serve(at, (request, response) => {
    void answerPage(pages, request, response).then((isAnswered) => {
      if (!isAnswered)
        refuse(response, new StatusError(failure({ reason: 'NotFound', message: 'there is no such path' })));
    });
  });
}

/** A plain HTTP server of `/healthz` alone, open to all who reach it. */
export function startHealthServer(health: readonly HealthCheck[], at: ListenAt): Promise<ComponentServer> {
  return serve(at, (request, response) => {
    const url = new URL(request.url ?? '/', 'http://component');
    void healthAnswer(health, url.pathname, url.searchParams).then((answer) => {
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
