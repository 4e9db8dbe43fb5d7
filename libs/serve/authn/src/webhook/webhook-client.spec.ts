import { createServer, type Server } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import { foreignAuthority } from '@reckon/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type WebhookEndpoint, webhookClient } from './webhook-client';
import type { WebhookCredentials } from './webhook-credentials';

const authority = foreignAuthority('hooks');
const users = foreignAuthority('users');
let server: Server;
let port: number;
let seen: string[];
let paths: string[];
let status = 200;
let body = '{}';

beforeAll(async () => {
  const { certPem, keyPem } = authority.issue({ commonName: 'h', dnsNames: ['hook.example.com'], usages: ['server'] });
  const tls = { cert: certPem, key: keyPem, ca: users.certPem, requestCert: true, rejectUnauthorized: false };
  server = createServer(tls, (request, response) => {
    if (!(request.socket instanceof TLSSocket)) throw new Error('a connection without TLS');
    const { subject } = request.socket.getPeerCertificate() as { readonly subject?: { readonly CN?: string } };
    paths.push(request.url ?? '');
    seen.push(`${subject?.CN ?? 'nobody'} ${request.headers.authorization ?? '-'}`);
    request.resume();
    response.writeHead(status).end(body);
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
  paths = [];
  status = 200;
  body = '{}';
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
  it('tells how long it waits, in place of any query', async () => {
    const server = `https://127.0.0.1:${String(port)}/review?a=b`;
    await post({});
    await post({ server, timeoutMs: 1500 });
    await post({ server: `https://127.0.0.1:${String(port)}`, timeoutMs: 90_000 });
    expect(paths).toEqual(['/review?timeout=30s', '/review?timeout=1.5s', '/?timeout=1m30s']);
  });

  it.each<readonly [number, string, string]>([
    [400, '', 'the server rejected our request for an unknown reason'],
    [403, 'go <away>', 'go <away>'],
    [
      403,
      '{"kind":"Status","apiVersion":"v1","status":"Failure","message":"go away","reason":"Forbidden","code":403}',
      'go away',
    ],
    [418, '', 'the server responded with the status code 418 but did not return more information'],
    [207, '', 'the server responded with the status code 207 but did not return more information'],
    [502, 'bad gw', 'an error on the server ("bad gw") has prevented the request from succeeding'],
  ])('says of a %i with the body "%s": %s', async (code, text, why) => {
    status = code;
    body = text;
    expect(await post({})).toEqual([why]);
  });

  it('words what keeps it from a server as Go does', async () => {
    expect(await post({ server: 'https://127.0.0.1:1/x' })).toEqual([
      'Post "https://127.0.0.1:1/x?timeout=30s": dial tcp 127.0.0.1:1: connect: connection refused',
    ]);
    expect(await post({ caPem: users.certPem })).toEqual([
      expect.stringMatching(/tls: failed to verify certificate: x509: certificate signed by unknown authority$/),
    ]);
  });

  it('wants a certificate for the name that it was told', async () => {
    expect(await post({})).toEqual(['answered']);
    expect((await post({ tlsServerName: 'else.example.com' }))[0]).toMatch(/else\.example\.com/);
    expect(seen).toHaveLength(1);
  });

  it('goes by the authorities of the moment, and by nobody where there are none', async () => {
    const known = [authority.certPem, authority.certPem, users.certPem, '', authority.certPem];
    const unknown: unknown = expect.stringMatching(/certificate signed by unknown authority$/);
    expect(await post({ caPem: users.certPem, authorities: () => known.shift() }, 5)).toEqual([
      ...['answered', 'answered'],
      ...[unknown, unknown],
      'answered',
    ]);
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
    expect(await post({ source })).toEqual(['the server has asked for the client to provide credentials']);
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
