import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fakeClock } from '@reckon/kernel';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RestClient } from './rest-client';

let folder: string;
let server: Server;
let good: string;
let seen: string[];
let url: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reckon-token-'));
  server = createServer((request, response) => {
    const token = request.headers.authorization ?? '';
    seen.push(token);
    response.writeHead(token === `Bearer ${good}` ? 200 : 401, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  seen = [];
});

const client = (config: Partial<ConstructorParameters<typeof RestClient>[0]>): RestClient => {
  const clock = fakeClock();
  return new RestClient({ server: url, userAgent: 'test', ...config }, { clock, timers: clock });
};

describe('a token that is replaced', () => {
  it('is read from its file again as soon as it was refused', async () => {
    const tokenFile = join(folder, 'token');
    writeFileSync(tokenFile, 'one\n');
    const rest = client({ tokenFile });
    good = 'one';
    await rest.request('GET', '/');
    writeFileSync(tokenFile, 'two\n');
    await rest.request('GET', '/');
    good = 'two';
    await expect(rest.request('GET', '/')).rejects.toThrow();
    await rest.request('GET', '/');
    expect(seen).toEqual(['Bearer one', 'Bearer one', 'Bearer one', 'Bearer two']);
    await rest.close();
  });

  it('comes from its source, which is told when it was refused, by calls and by streams', async () => {
    const refused: string[] = [];
    good = 'never';
    const rest = client({
      token: 'ignored',
      tokenSource: {
        token: () => Promise.resolve(`n${String(refused.length)}`),
        refused: (token) => refused.push(token),
      },
    });
    await expect(rest.request('GET', '/')).rejects.toThrow();
    await expect(rest.stream('/').next()).rejects.toThrow();
    good = 'n2';
    await rest.request('GET', '/');
    expect(refused).toEqual(['n0', 'n1']);
    await rest.close();
  });
});
