import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Agent, type AgentOptions, type RequestOptions, request } from 'node:https';
import { parse } from 'yaml';

export interface RawReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly bytes: Buffer;
  /** The answer read as JSON; undefined where it is none. */
  readonly body: unknown;
}

export interface RawOptions {
  /** A string or bytes are sent as they are, anything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

export interface WatchEvent {
  readonly type: string;
  readonly object: Record<string, unknown>;
}

/** An open watch; what it has received so far is in `events`. */
export interface RawWatch {
  readonly status: number;
  readonly events: readonly WatchEvent[];
  /** Resolves when the server has ended it or the connection broke. */
  readonly ended: Promise<void>;
  close(): void;
}

export interface Credentials {
  readonly caPem: string;
  readonly certPem?: string;
  readonly keyPem?: string;
  readonly token?: string;
}

/** HTTPS without a client library in between: tests of the wire say exactly what is sent and see exactly what comes back. */
export class RawClient {
  private readonly agent: Agent;
  private readonly tls: AgentOptions;
  readonly url: URL;

  constructor(
    server: string,
    private readonly credentials: Credentials,
  ) {
    this.url = new URL(server);
    const { caPem: ca, certPem: cert, keyPem: key } = credentials;
    this.tls = { ca, ...(cert === undefined || key === undefined ? {} : { cert, key }) };
    this.agent = new Agent({ ...this.tls, keepAlive: true });
  }

  static of(kubeconfig: string): RawClient {
    const { server, ...credentials } = readKubeconfig(kubeconfig);
    return new RawClient(server, credentials);
  }

  /** The same server and its certificate authority, someone else's credentials or none. */
  as(credentials: Omit<Credentials, 'caPem'>): RawClient {
    return new RawClient(this.url.href, { caPem: this.credentials.caPem, ...credentials });
  }

  async send(method: string, path: string, options: RawOptions = {}): Promise<RawReply> {
    const { body, headers, timeoutMs = 30_000 } = options;
    const isRaw = typeof body === 'string' || Buffer.isBuffer(body);
    const bytes = body === undefined ? undefined : Buffer.from(isRaw ? body : JSON.stringify(body));
    return await new Promise<RawReply>((resolve, reject) => {
      const sent = request(this.requestOptions(method, path, bytes, headers), (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () => {
          const whole = Buffer.concat(chunks);
          const text = whole.toString('utf8');
          const { statusCode = 0, headers: answered } = response;
          resolve({ status: statusCode, headers: answered, text, bytes: whole, body: jsonOf(text) });
        });
      });
      sent.setTimeout(timeoutMs, () => {
        sent.destroy(new Error(`${method} ${path} got no answer in ${String(timeoutMs)} ms`));
      });
      sent.once('error', reject);
      sent.end(bytes);
    });
  }

  /** Opens a watch; `path` has `watch=1` already. `onEvent` sees each event as it comes. */
  async watch(path: string, onEvent: (event: WatchEvent) => void = () => undefined): Promise<RawWatch> {
    return await new Promise<RawWatch>((resolve, reject) => {
      const sent = request({ ...this.requestOptions('GET', path), ...this.tls, agent: false }, (response) => {
        const events: WatchEvent[] = [];
        const ended = readLines(response, (line) => {
          const event = JSON.parse(line) as WatchEvent;
          events.push(event);
          onEvent(event);
        });
        resolve({ status: response.statusCode ?? 0, events, ended, close: () => sent.destroy() });
      });
      sent.on('error', reject);
      sent.end();
    });
  }

  close(): void {
    this.agent.destroy();
  }

  private requestOptions(
    method: string,
    path: string,
    bytes?: Buffer,
    headers?: Readonly<Record<string, string>>,
  ): RequestOptions {
    const { token } = this.credentials;
    return {
      agent: this.agent,
      host: this.url.hostname,
      port: this.url.port,
      method,
      path,
      headers: {
        ...(bytes === undefined ? {} : { 'content-type': 'application/json' }),
        ...(bytes === undefined || headers?.['transfer-encoding'] !== undefined
          ? {}
          : { 'content-length': bytes.length }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
    };
  }
}

/** The server and the credentials of a kubeconfig's only cluster and user. */
export function readKubeconfig(file: string): Credentials & { readonly server: string } {
  const config = parse(readFileSync(file, 'utf8')) as {
    clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
    users: { user: { 'client-certificate-data'?: string; 'client-key-data'?: string; token?: string } }[];
  };
  const cluster = config.clusters[0]?.cluster;
  const user = config.users[0]?.user;
  if (cluster === undefined || user === undefined) throw new Error(`${file} names no cluster or no user`);
  const { 'client-certificate-data': cert, 'client-key-data': key, token } = user;
  return {
    server: cluster.server,
    caPem: decode(cluster['certificate-authority-data']),
    ...(cert === undefined ? {} : { certPem: decode(cert) }),
    ...(key === undefined ? {} : { keyPem: decode(key) }),
    ...(token === undefined ? {} : { token }),
  };
}

const decode = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8');

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Not every answer is JSON: /healthz says `ok`.
    return undefined;
  }
}

/** Calls back for each line; resolves when the stream has ended or broken. */
function readLines(stream: IncomingMessage, onLine: (line: string) => void): Promise<void> {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(onLine);
  });
  return new Promise((resolve) => {
    stream.once('close', resolve);
    stream.once('error', () => {
      resolve();
    });
  });
}
