import { connect, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestServer, startTestServer } from './testing/test-server.suite';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  await server.close();
});

/** All that the server says to this until it ends the connection. */
const answerTo = (text: string, socket: Socket): Promise<string> =>
  new Promise((resolve) => {
    let answer = '';
    socket.on('data', (bytes) => {
      answer += bytes.toString();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      resolve(answer);
    });
    socket.write(text);
  });

describe('plain HTTP on the HTTPS port', () => {
  const say = (text: string): Promise<string> => answerTo(text, connect(server.port, '127.0.0.1'));

  it.each(['GET', 'HEAD', 'POST', 'PUT'])(
    '%s is answered as Go answers it, and the connection ends',
    async (method) => {
      expect(await say(`${method} /version HTTP/1.1\r\nHost: x\r\n\r\n`)).toBe(
        'HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n',
      );
    },
  );

  it('what is neither TLS nor HTTP gets no such answer', async () => {
    expect(await say('EHLO there\r\n')).not.toContain('HTTP');
  });

  it('is counted, and others are served meanwhile', async () => {
    const handshakes = /^apiserver_tls_handshake_errors_total (\d+)$/m;
    const before = Number(handshakes.exec((await server.ask('/metrics')).text)?.[1]);
    await say('GET / HTTP/1.1\r\n\r\n');
    expect(Number(handshakes.exec((await server.ask('/metrics')).text)?.[1])).toBe(before + 1);
  });
});

describe('what cannot be read as HTTP', () => {
  const say = (text: string): Promise<string> =>
    answerTo(text, tlsConnect({ host: '127.0.0.1', port: server.port, ca: server.caPem }));

  it.each([
    ['400 Bad Request', 'no HTTP at all\r\n\r\n'],
    ['431 Request Header Fields Too Large', `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(1_100_000)}\r\n\r\n`],
  ])('is answered by %s', async (status, request) => {
    expect(await say(request)).toBe(
      `HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${status}`,
    );
  });
});
