import { type ClientHttp2Session, connect } from 'node:http2';
import { Agent, request } from 'node:https';
import type { Target } from '../target';

export interface ClientResponse {
  readonly status: number;
  readonly body: Buffer;
}

/** One client with one connection that is kept, and one request at a time. */
export interface Client {
  request(method: string, path: string, body?: Buffer, contentType?: string): Promise<ClientResponse>;
  close(): void;
}

export const openClient = (target: Target): Client =>
  target.speaksHttp2 === true ? new Http2Client(target) : new Http1Client(target);

/** What every request says. */
export const commonHeaders = ({ token }: Target): Readonly<Record<string, string>> => ({
  Accept: 'application/json',
  'User-Agent': 'bench',
  ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
});

/**
 * As Node's own `https` makes them. What a request costs the one
 * who sends it belongs to a figure: budgets were set with such clients beside the server, and with a lighter generator the floor does
 * two to four times what the design's column says (docs/designs/write-budgets.md).
 */
class Http1Client implements Client {
  private readonly agent: Agent;
  private readonly headers: Readonly<Record<string, string>>;

  constructor(private readonly target: Target) {
    const { ca, cert, key } = target;
    this.agent = new Agent({
      keepAlive: true,
      maxSockets: 1,
      ca,
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    });
    this.headers = commonHeaders(target);
  }

  request(method: string, path: string, body?: Buffer, contentType = 'application/json'): Promise<ClientResponse> {
    const { agent, headers } = this;
    const { host, port } = this.target;
    return new Promise((resolve, reject) => {
      const entity = body === undefined ? {} : { 'Content-Type': contentType, 'Content-Length': body.length };
      const sent = request({ agent, host, port, method, path, headers: { ...headers, ...entity } }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }));
        response.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}

/** As Node's own `http2` makes them. */
class Http2Client implements Client {
  private readonly session: ClientHttp2Session;
  private readonly headers: Readonly<Record<string, string>>;

  constructor(target: Target) {
    this.session = openSession(target);
    this.headers = commonHeaders(target);
  }

  request(method: string, path: string, body?: Buffer, contentType = 'application/json'): Promise<ClientResponse> {
    const entity = body === undefined ? {} : { 'Content-Type': contentType, 'Content-Length': body.length };
    return new Promise((resolve, reject) => {
      const stream = this.session.request(
        { ':method': method, ':path': path, ...this.headers, ...entity },
        { endStream: body === undefined },
      );
      const chunks: Buffer[] = [];
      let status = 0;
      stream.on('response', (headers) => (status = headers[':status'] ?? 0));
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => resolve({ status, body: Buffer.concat(chunks) }));
      stream.on('error', reject);
      if (body !== undefined) stream.end(body);
    });
  }

  close(): void {
    this.session.destroy();
  }
}

/** A connection of HTTP/2 with a window of Go's size, which no list waits for (net/http2 `transportDefaultConnFlow`). */
export function openSession({ host, port, ca, cert, key }: Target): ClientHttp2Session {
  const session = connect(`https://${host}:${String(port)}`, {
    ca,
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    settings: { initialWindowSize: 4 << 20 },
  });
  session.once('connect', () => session.setLocalWindowSize(1 << 30));
  return session;
}
