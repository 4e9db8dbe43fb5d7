import { type ClientHttp2Session, type ClientHttp2Stream, type OutgoingHttpHeaders, connect } from 'node:http2';
import { buffer } from 'node:stream/consumers';
import type { Answer, Ask, TestServer } from './test-server.suite';

/** One connection of HTTP/2 to a test server. */
export interface Http2Client {
  readonly session: ClientHttp2Session;
  ask(path: string, ask?: Ask): Promise<Answer>;
  /** The request alone: its body and its answer are the caller's. */
  open(headers: OutgoingHttpHeaders, endStream?: boolean): ClientHttp2Stream;
  close(): Promise<void>;
}

export async function http2Client(
  { port, caPem }: Pick<TestServer, 'port' | 'caPem'>,
  credentials: { readonly cert?: string; readonly key?: string } = {},
): Promise<Http2Client> {
  const session = connect(`https://127.0.0.1:${String(port)}`, { ca: caPem, ...credentials });
  await new Promise<void>((resolve, reject) => {
    session.once('remoteSettings', () => {
      resolve();
    });
    session.once('error', reject);
  });
  session.on('error', () => undefined);
  const open = (headers: OutgoingHttpHeaders, endStream = true): ClientHttp2Stream =>
    session.request(headers, { endStream });
  return {
    session,
    open,
    ask: (path, ask) => send(open, path, ask),
    close: () =>
      new Promise((resolve) => {
        session.close(() => {
          resolve();
        });
      }),
  };
}

async function send(open: Http2Client['open'], path: string, ask: Ask = {}): Promise<Answer> {
  const body = ask.json === undefined ? ask.body : JSON.stringify(ask.json);
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const given = Object.entries(ask.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  const stream = open(
    { ':path': path, ':method': ask.method ?? 'GET', ...type, ...(Object.fromEntries(given) as OutgoingHttpHeaders) },
    body === undefined,
  );
  if (body !== undefined) stream.end(body);
  const headed = new Promise<Pick<Answer, 'status' | 'headers' | 'rawHeaders'>>((resolve, reject) => {
    stream.once('error', reject);
    stream.once('close', () => {
      reject(new Error('closed before an answer'));
    });
    stream.once('response', (headers, _flags, raw?: string[]) => {
      resolve({ status: headers[':status'] ?? 0, headers, rawHeaders: raw ?? [] });
    });
  });
  const head = await headed;
  const whole = await buffer(stream);
  const text = whole.toString('utf8');
  return { ...head, body: whole, text, json: <T>() => JSON.parse(text) as T };
}
