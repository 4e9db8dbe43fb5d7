import { createServer, type Server } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import { foreignAuthority } from '@reckon/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type WebhookCredentials, type WebhookEndpoint, webhookClient } from './webhook-client';

const authority = foreignAuthority('hooks');
const users = foreignAuthority('users');
let server: Server;
let port: number;
let seen: string[];
let status = 200;

beforeAll(async () => {
  const { certPem, keyPem } = authority.issue({ commonName: 'h', dnsNames: ['hook.example.com'], usages: ['server'] });
  const tls = { cert: certPem, key: keyPem, ca: users.certPem, requestCert: true, rejectUnauthorized: false };
  server = createServer(tls, (request, response) => {
    if (!(request.socket instanceof TLSSocket)) throw new Error('a connection without TLS');
    const { subject } = request.socket.getPeerCertificate() as { readonly subject?: { readonly CN?: string } };
    seen.push(`${subject?.CN ?? 'nobody'} ${request.headers.authorization ?? '-'}`);
    request.resume();
    response.writeHead(status).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  seen = [];
  status = 200;
});

const never = new AbortController().signal;

/** What comes of so many calls. */
async function post(endpoint: Partial<WebhookEndpoint>, times = 1, signal = never): Promise<string[]> {
  const server = `https://127.0.0.1:${String(port)}/review`;
  const client = webhookClient({ server, caPem: authority.certPem, tlsServerName: 'hook.example.com', ...endpoint });
  const answers: string[] = [];
  for (let i = 0; i < times; i++)
    answers.push(
      await client.post('{}', signal).then(
        () => 'answered',
        (error: unknown) => (error as Error).message,
      ),
    );
  client.close();
  return answers;
}

describe('a client of a webhook', () => {
  it('wants a certificate for the name that it was told', async () => {
    expect(await post({})).toEqual(['answered']);
    expect((await post({ tlsServerName: 'else.example.com' }))[0]).toMatch(/else\.example\.com/);
    expect(seen).toHaveLength(1);
  });

  it('says who it is by a token, a password or a certificate', async () => {
    const { certPem, keyPem } = users.issue({ commonName: 'robot', usages: ['client'] });
    await post({ token: 't' });
    await post({ basic: { username: 'jane', password: 'p' } });
    await post({ certPem, keyPem });
    expect(seen).toEqual(['nobody Bearer t', `nobody Basic ${btoa('jane:p')}`, 'robot -']);
  });

  it('asks for credentials each time, shows another certificate on another connection, and tells who was refused', async () => {
    const one = users.issue({ commonName: 'one', usages: ['client'] });
    const two = users.issue({ commonName: 'two', usages: ['client'] });
    const given: WebhookCredentials[] = [{ ...one, token: 'a' }, { ...one, token: 'b' }, two];
    const refused: WebhookCredentials[] = [];
    const source = {
      current: () => Promise.resolve(given.shift() ?? {}),
      refused: (credentials: WebhookCredentials) => refused.push(credentials),
    };
    await post({ source }, 3);
    expect(seen).toEqual(['one Bearer a', 'one Bearer b', 'two -']);
    status = 401;
    given.push({ token: 'old' });
    expect(await post({ source })).toEqual(['the server answered with status 401']);
    expect(refused).toEqual([{ token: 'old' }]);
  });

  it('does without an answer where nobody gives credentials, or not in time', async () => {
    const refused = (): void => undefined;
    const failing = { current: () => Promise.reject(new Error('no program')), refused };
    expect((await post({ source: failing }))[0]).toMatch(/^Post "https:.*": no program$/);
    const throwing = {
      current: (): never => {
        throw new Error('no file');
      },
      refused,
    };
    expect((await post({ source: throwing }))[0]).toMatch(/no file$/);
    const abort = new AbortController();
    const slow = {
      current: () => {
        abort.abort(new Error('too late'));
        return new Promise<never>(() => undefined);
      },
      refused,
    };
    expect(await post({ source: slow }, 1, abort.signal)).toEqual(['too late']);
    expect(seen).toEqual([]);
  });

  it('goes by a tunnel, at whose end it wants the same certificate', async () => {
    const asked: string[] = [];
    const tunnel: NonNullable<WebhookEndpoint['tunnel']> = (host, at) => {
      asked.push(`${host}:${String(at)}`);
      return new Promise((resolve) => {
        const socket = connect(port, '127.0.0.1', () => {
          resolve(socket);
        });
      });
    };
    const server = 'https://hook.example.com/review';
    expect(await post({ server, tunnel }, 2)).toEqual(['answered', 'answered']);
    expect(asked).toEqual(['hook.example.com:443']);
    expect((await post({ tunnel, server: 'https://else.example.com/', tlsServerName: 'else.example.com' }))[0]).toMatch(
      /else\.example\.com/,
    );
    const refusing = (): Promise<never> => Promise.reject(new Error('proxyconnect: no'));
    expect((await post({ server, tunnel: refusing }))[0]).toMatch(/proxyconnect: no$/);
  });
});
