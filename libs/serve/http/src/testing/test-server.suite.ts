import { createKindRegistry, type KindRegistry, type ResourceRow } from '@reckon/api/kinds';
import { MetricsRegistry, type Logger, silentLogger, systemClock, systemRandom, systemTimers } from '@reckon/kernel';
import { createAuthority, type Credential, issue } from '@reckon/pki';
import { createResourceStore, type ResourceStore, type Strategy } from '@reckon/registry/generic';
import { type MemoryLog, memoryLog } from '@reckon/store/log';
import type { OpenStorage } from '@reckon/store/storage';
import { storageOver } from '@reckon/store/storage/suites';
import { Agent, request as httpsRequest } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import { type ApiServer, createApiServer } from '../api-server';
import type { ApiServerOptions } from '../api-server-options';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly text: string;
  /** The body as JSON. */
  json<T = Record<string, unknown>>(): T;
}

export interface Ask {
  readonly method?: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string | Buffer;
  /** Whole JSON bodies. */
  readonly json?: unknown;
}

export interface TestServer {
  readonly kinds: KindRegistry;
  readonly storage: OpenStorage;
  readonly log: MemoryLog;
  readonly server: ApiServer;
  readonly port: number;
  readonly caPem: string;
  /** Signs client certificates too. */
  readonly authority: Credential;
  readonly agent: Agent;
  readonly store: (row: ResourceRow) => ResourceStore;
  ask(path: string, ask?: Ask): Promise<Answer>;
  close(): Promise<void>;
}

const strategies: Readonly<Record<string, Strategy>> = {
  '/pods': { returnsDeletedObject: true },
};

/** A whole server over an in-memory log: the real registry and storage, everybody is admin unless `authenticate` says otherwise. */
export async function startTestServer(
  changes: Partial<ApiServerOptions> & { readonly unixSocket?: string; readonly strategy?: Strategy } = {},
): Promise<TestServer> {
  const kinds = changes.kinds ?? createKindRegistry();
  const metrics = new MetricsRegistry();
  const logger: Logger = changes.logger ?? silentLogger;
  const log = memoryLog();
  const { storage } = await storageOver(log, { clock: systemClock, timers: systemTimers, metrics, logger });
  const stores = new Map<ResourceRow, ResourceStore>();
  const store = (row: ResourceRow): ResourceStore => {
    let found = stores.get(row);
    if (found === undefined) {
      const strategy = changes.strategy ?? strategies[`${row.group}/${row.resource}`] ?? {};
      found = createResourceStore({
        row,
        kinds,
        storage,
        strategy,
        subresources: { status: strategy },
        random: systemRandom,
      });
      stores.set(row, found);
    }
    return found;
  };
  const authority = createAuthority({ commonName: 'test', clock: systemClock });
  const leaf = issue(authority, {
    commonName: 'server',
    dnsNames: ['localhost'],
    ipAddresses: ['127.0.0.1'],
    usages: ['server'],
    days: 1,
    clock: systemClock,
  });
  const server = createApiServer({
    kinds,
    store,
    authenticate: () => ({ user: { name: 'admin', groups: ['system:masters'] } }),
    authorize: () => ({ allowed: true, reason: '' }),
    admission: { admit: () => undefined, validate: () => undefined },
    storage,
    history: log,
    metrics,
    clock: systemClock,
    monotonic: systemClock,
    timers: systemTimers,
    random: systemRandom,
    logger,
    tls: { cert: leaf.certPem, key: leaf.keyPem, clientCa: authority.certPem },
    ...changes,
  });
  const { port } = await server.listen({
    host: '127.0.0.1',
    port: 0,
    ...(changes.unixSocket === undefined ? {} : { unixSocket: changes.unixSocket }),
  });
  const agent = new Agent({ keepAlive: true, ca: authority.certPem });
  return {
    kinds,
    storage,
    log,
    server,
    port,
    caPem: authority.certPem,
    authority,
    agent,
    store,
    ask: (path, ask) => askHttps(agent, port, path, ask),
    async close() {
      agent.destroy();
      await server.stop();
      await storage.stop();
      await log.close();
    },
  };
}

function askHttps(agent: Agent, port: number, path: string, ask: Ask = {}): Promise<Answer> {
  const body = ask.json === undefined ? ask.body : JSON.stringify(ask.json);
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      {
        agent,
        host: '127.0.0.1',
        port,
        path,
        method: ask.method ?? 'GET',
        headers: {
          ...(body === undefined
            ? {}
            : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }),
          ...ask.headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const whole = Buffer.concat(chunks);
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            rawHeaders: response.rawHeaders,
            body: whole,
            text: whole.toString('utf8'),
            json: <T>() => JSON.parse(whole.toString('utf8')) as T,
          });
        });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}
