import { readFile } from 'node:fs/promises';
import { checkServerIdentity } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import { connect, credsAuthenticator } from '@nats-io/transport-node';
import type { NatsConnection, TlsOptions } from '@nats-io/transport-node';
import type { NatsServer, RelayOptions } from './relay-options';
import { serverOf } from './relay-options';
import { RelayProblem } from './relay-problem';

const connectTimeoutMs = 5_000;
/** Two of these without an answer end a connection that has died without a word. */
const pingMs = 5_000;

/**
 * One connection, to the first server that lets us in. It is not mended when it breaks: the relay makes another and asks the stream
 * where it stands. The driver's own reconnecting would send again what was buffered, and gives up for ever on wrong credentials.
 * Throws the last server's error.
 */
export async function connectNats(options: RelayOptions): Promise<NatsConnection> {
  let failure: unknown;
  for (const server of options.servers.flatMap((text) => serverOf(text) ?? []))
    try {
      return await connectTo(server, options);
    } catch (error) {
      failure = error;
    }
  throw failure;
}

async function connectTo(server: NatsServer, options: RelayOptions): Promise<NatsConnection> {
  const user = options.user ?? server.user;
  const pass = options.password ?? server.password;
  const tls = await tlsOf(server, options);
  const connecting = connect({
    servers: server.hostPort,
    name: 'reckon-relay',
    reconnect: false,
    ignoreClusterUpdates: true,
    timeout: connectTimeoutMs,
    pingInterval: pingMs,
    maxPingOut: 2,
    // A stack trace per request would cost more than the request.
    noAsyncTraces: true,
    ...(options.credsFile === undefined ? {} : { authenticator: credsAuthenticator(await read(options.credsFile)) }),
    ...(user === undefined ? {} : { user }),
    ...(pass === undefined ? {} : { pass }),
    ...(tls === undefined ? {} : { tls }),
  });
  return tls === undefined ? connecting : connecting.catch(brokenOff);
}

/**
 * A server that refuses our certificate sends an alert and closes. With TLS 1.3 we have spoken by then, and whether its alert or the
 * reset of the connection comes first is luck: what it broke off is told as what it refused.
 */
function brokenOff(error: unknown): never {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ECONNRESET' || code === 'EPIPE')
    throw new RelayProblem('Tls', 'the server broke off the connection while it was secured', { cause: error });
  throw error;
}

async function tlsOf(
  { host, needsTls }: NatsServer,
  { tlsCaFile, tlsCertFile, tlsKeyFile }: RelayOptions,
): Promise<TlsOptions | undefined> {
  if (!needsTls && tlsCaFile === undefined && tlsCertFile === undefined) return undefined;
  const text = async (file: string): Promise<string> => (await read(file)).toString();
  const tls: TlsOptions & Pick<ConnectionOptions, 'checkServerIdentity'> = {
    ...(tlsCaFile === undefined ? {} : { ca: await text(tlsCaFile) }),
    ...(tlsCertFile === undefined ? {} : { cert: await text(tlsCertFile) }),
    ...(tlsKeyFile === undefined ? {} : { key: await text(tlsKeyFile) }),
    // The driver names no host to a server that is addressed by its IP, and Node then looks for `localhost` in the certificate.
    checkServerIdentity: (_, certificate) => checkServerIdentity(host, certificate),
  };
  return tls;
}

async function read(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new RelayProblem('Refused', `${file} cannot be read`, { cause: error });
  }
}
