import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type RequestListener, createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, type Server, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemTimers } from '@reckon/kernel';
import { foreignAuthority } from '@reckon/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { probe } from './probe';

const folder = mkdtempSync(join(tmpdir(), 'reckon-probe-'));
const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function listen(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

const answering: RequestListener = (request, response) => {
  const status = Number((request.url ?? '').slice(1));
  response.writeHead(status, { location: '/200' }).end('x'.repeat(100_000));
};

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** What a person is told; '' when the probe passed. */
const told = (url: string, caFile?: string, timeoutMs = 10_000): Promise<string> =>
  probe(url, { timeoutMs, timers: systemTimers, ...(caFile === undefined ? {} : { caFile }) }).then(
    () => '',
    (error: unknown) => (error as Error).message,
  );

describe('reckon probe', () => {
  it('passes for 200 only; redirects are not followed', async () => {
    const url = `http://${await listen(createServer(answering))}`;
    expect(await told(`${url}/200`)).toBe('');
    for (const status of [204, 302, 401, 500])
      expect(await told(`${url}/${String(status)}`)).toBe(`${url}/${String(status)} answered ${String(status)}`);
  });

  it('verifies the server where it is told by whom, and otherwise takes any', async () => {
    const [ours, other] = [foreignAuthority('ours'), foreignAuthority('other')];
    const issue = { commonName: 'server', usages: ['server'] } as const;
    const { certPem: cert, keyPem: key } = ours.issue({ ...issue, ipAddresses: ['127.0.0.1'] });
    const url = `https://${await listen(createTlsServer({ cert, key }, answering))}/200`;
    expect(await told(url)).toBe('');
    expect(await told(url, file('ours.crt', ours.certPem))).toBe('');
    expect(await told(url, file('other.crt', other.certPem))).toMatch(/^https:\S+ cannot be asked: unable to verify/);
    const elsewhere = ours.issue({ ...issue, ipAddresses: ['127.0.0.2'] });
    const wrong = await listen(createTlsServer({ cert: elsewhere.certPem, key: elsewhere.keyPem }, answering));
    expect(await told(`https://${wrong}/200`, join(folder, 'ours.crt'))).toContain('127.0.0.1 is not in the cert');
  });

  it('says in one line what is wrong with a server', async () => {
    const gone = await listen(createTcpServer());
    servers.at(-1)?.close();
    expect(await told(`http://${gone}/`)).toBe(`http://${gone}/ cannot be asked: connect ECONNREFUSED ${gone}`);
    const mute = await listen(createTcpServer(() => undefined));
    expect(await told(`https://${mute}/`, undefined, 200)).toBe(`https://${mute}/ did not answer in 0.2 s`);
    const rude = await listen(createTcpServer((socket) => socket.end()));
    expect(await told(`http://${rude}/`)).toBe(`http://${rude}/ cannot be asked: socket hang up`);
    const foreign = await listen(createTcpServer((socket) => socket.end('220 mail\r\n')));
    expect(await told(`http://${foreign}/`)).toMatch(/^http:\S+ cannot be asked: Parse Error/);
    expect(await told(`https://${foreign}/`)).not.toContain('\n');
  });

  it('says what is wrong with its arguments', async () => {
    for (const url of ['127.0.0.1:6443', 'ftp://x', ''])
      expect(await told(url)).toBe(`${url} is no URL like https://127.0.0.1:6443/readyz`);
    expect(await told('https://127.0.0.1:1/', join(folder, 'none'))).toMatch(/^--ca: ENOENT: no such file/);
    const empty = file('empty', 'nothing');
    expect(await told('https://127.0.0.1:1/', empty)).toBe(`--ca: ${empty} holds no certificate in PEM`);
    const damaged = file('damaged', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    expect(await told('https://127.0.0.1:1/', damaged)).toBe(`--ca: ${damaged} holds no certificate in PEM`);
  });
});
