import { failure } from '@reckon/api/machinery';
import { RestClient } from '@reckon/client/rest';
import { systemClock, systemTimers } from '@reckon/kernel';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { apiHistory } from './api-history';
import type { HistorySource } from './history-source';
import { collect, pods } from './testing/array-history.suite';

let server: Server;
let history: HistorySource;
let asked: string[];
let answer: (response: ServerResponse, request: IncomingMessage) => void;

beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    asked.push(decodeURIComponent(request.url ?? ''));
    answer(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const config = { server: `http://127.0.0.1:${String(port)}`, userAgent: 'test' };
  history = apiHistory(new RestClient(config, { clock: systemClock, timers: systemTimers }), { timers: systemTimers });
});
afterEach(async () => {
  await history.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const line = (revision: number): string => `{"revision":${String(revision)},"name":"a","object":{"metadata":{}}}\n`;
const revisions = async (request: Parameters<HistorySource['entries']>[0]): Promise<number[]> =>
  (await collect(history.entries(request))).map(({ revision }) => revision);

describe('the history of a running cluster', () => {
  it('is asked for with the path and parameters of the request', async () => {
    answer = (response) => response.end();
    const scope = { resource: pods, namespace: 'ns', name: 'x' };
    await revisions({});
    await revisions({ scope, after: 7, to: 9, limit: 3, actor: 'a', manager: 'm', request: 'r' });
    await revisions({ namespace: 'ns', sinceMs: 0, untilMs: 1000, follow: true });
    await revisions({ scope: { ...scope, name: '' }, after: 7, gaps: true, namespace: 'other' });
    expect(asked).toEqual([
      '/history?after=oldest',
      '/history/api/v1/namespaces/ns/pods/x?after=7&to=9&limit=3&actor=a&manager=m&request=r',
      '/history?since=1970-01-01T00:00:00.000Z&until=1970-01-01T00:00:01.000Z&follow=true&namespace=ns',
      '/history/api/v1/namespaces/ns/pods?after=7&gaps=true',
    ]);
  });

  it('goes on where it was when the connection breaks, as long as it comes further', async () => {
    answer = (response) => {
      const breaks = (text: string): void => {
        response.write(text, () => setTimeout(() => response.destroy(), 20));
      };
      if (asked.length === 1) breaks(line(1) + line(2));
      // Cut off within a line: what came of it does not count.
      else if (asked.length === 2) breaks(line(3) + line(4).slice(0, 30));
      else response.end(line(4) + line(5));
    };
    expect(await revisions({ sinceMs: 0, limit: 9 })).toEqual([1, 2, 3, 4, 5]);
    expect(asked).toEqual([
      '/history?since=1970-01-01T00:00:00.000Z&limit=9',
      '/history?after=2&gaps=true&limit=7',
      '/history?after=3&gaps=true&limit=6',
    ]);
    answer = (response) => response.destroy();
    await expect(revisions({})).rejects.toThrow();
  });

  it('follows on when the server restarts, from where it was', async () => {
    answer = (response) => {
      if (asked.length === 1) response.end(line(1));
      else if (asked.length < 4) response.destroy();
      else response.end(line(2));
    };
    expect(await revisions({ follow: true, limit: 2 })).toEqual([1, 2]);
    expect(asked.slice(1)).toEqual(Array(3).fill('/history?after=1&gaps=true&limit=1&follow=true'));
    // One that ends by itself is not asked again.
    answer = (response) => response.end();
    expect(await revisions({ follow: true, to: 9 })).toEqual([]);
    expect(asked).toHaveLength(5);
  });

  it('fails with what the server says, before and after the first line', async () => {
    const expired = failure({ reason: 'Expired', message: 'too old' });
    answer = (response) => response.writeHead(410).end(JSON.stringify(expired));
    await expect(revisions({ after: 1 })).rejects.toMatchObject({ code: 'Expired', message: 'too old' });
    answer = (response) => response.end(`${line(1)}${JSON.stringify(expired)}\n`);
    await expect(revisions({})).rejects.toMatchObject({ code: 'Expired' });
    expect(asked).toHaveLength(2);
  });

  it('tells where the log stands, and knows a server that has none', async () => {
    answer = (response) => {
      response.setHeader('Reckon-Log-Id', 'x').setHeader('Reckon-Log-Head', '9').setHeader('Reckon-Log-To', '4');
      response.setHeader('Reckon-Log-Floors', '[{"prefix":"/core/pods/","floor":3}]').end();
    };
    expect(await history.position()).toEqual({ id: 'x', head: 9, floors: [{ prefix: '/core/pods/', floor: 3 }] });
    expect(await history.revisionAt(1000)).toBe(4);
    expect(asked[1]).toBe('/history?after=9007199254740991&until=1970-01-01T00:00:01.000Z');
    answer = (response) => response.end();
    await expect(history.position()).rejects.toThrow('the server has no history: it is not Reckon');
  });
});
