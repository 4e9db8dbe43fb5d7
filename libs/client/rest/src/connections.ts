import type { Pool } from 'undici';
import type { ClientConfig } from './client-config';
import { trusted } from './credentials/authorities';
import type { ConnectionPems } from './credentials/connection-pems';
import type { ServerDialer } from './credentials/dial-server';
import { HttpPool } from './http-pool';

/** Enough for a group commit to gather a few, too few to crowd a server. */
const trailingConnections = 4;

type Connect = NonNullable<Pool.Options['connect']>;

export interface ConnectionsParts {
  readonly origin: string;
  readonly config: ClientConfig;
  /** What goes before that of `config`. */
  readonly pems: ConnectionPems;
  readonly maxConnections: number;
  /** Few have a proxy or a program for credentials: what they take is loaded for them alone. */
  readonly dialer: () => Promise<ServerDialer>;
}

/** All connections to a server that go by the same authorities and the same certificate. */
export class Connections {
  readonly pems: ConnectionPems;
  readonly calls: HttpPool;
  readonly trailing: HttpPool;
  readonly streams: HttpPool;

  constructor({ origin, config, pems, maxConnections, dialer }: ConnectionsParts) {
    const { exec, proxyUrl, socketPath } = config;
    const isUsual = socketPath !== undefined || (exec === undefined && proxyUrl === undefined);
    const connect = isUsual ? usual(config, pems) : dialled(dialer, pems);
    this.pems = pems;
    this.calls = new HttpPool(origin, { connect, connections: maxConnections, keepAliveTimeout: 60_000 });
    this.trailing = new HttpPool(origin, { connect, connections: trailingConnections, keepAliveTimeout: 10_000 });
    this.streams = new HttpPool(origin, { connect, bodyTimeout: 0, headersTimeout: 0, keepAliveTimeout: 10_000 });
  }

  /** Takes nothing more. Idle ones end, others with what is under way; resolves then. */
  async retire(): Promise<void> {
    await Promise.all([this.calls.close(), this.trailing.close(), this.streams.close()]);
  }

  /** Requests in flight fail. */
  async destroy(): Promise<void> {
    await Promise.all([this.calls.destroy(), this.trailing.destroy(), this.streams.destroy()]);
  }
}

const usual = (
  { socketPath, insecureSkipTlsVerify, tlsServerName }: ClientConfig,
  { caPem, certPem, keyPem }: ConnectionPems,
): Connect => ({
  ...(socketPath === undefined ? {} : { socketPath }),
  ...(caPem === undefined ? {} : { ca: trusted(caPem) }),
  ...(certPem === undefined ? {} : { cert: certPem }),
  ...(keyPem === undefined ? {} : { key: keyPem }),
  ...(insecureSkipTlsVerify === true ? { rejectUnauthorized: false } : {}),
  ...(tlsServerName === undefined ? {} : { servername: tlsServerName }),
});

const dialled =
  (dialer: ConnectionsParts['dialer'], pems: ConnectionPems): Connect =>
  (options, callback) => {
    dialer()
      .then(({ dial }) => dial(options.hostname, Number(options.port === '' ? 443 : options.port), pems))
      .then(
        (socket) => {
          callback(null, socket);
        },
        (error: unknown) => {
          callback(error instanceof Error ? error : new Error(String(error)), null);
        },
      );
  };
