import { systemClock, systemTimers } from '@reckon/kernel';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, startTestServer, type TestServer } from '../testing/test-server.suite';

const maps = '/api/v1/namespaces/default/configmaps';
const tooLate = 'Timeout: request did not complete within the allotted timeout';

describe('a request that takes too long', () => {
  let server: TestServer;
  let laterMs = 0;
  const looks: (() => void)[] = [];
  let waiting: (() => void)[] = [];
  let arrived: () => void = () => undefined;
  const arrival = (): Promise<void> =>
    new Promise((resolve) => {
      arrived = resolve;
    });
  beforeAll(async () => {
    server = await startTestServer({
      monotonic: { elapsedMs: () => systemClock.elapsedMs() + laterMs },
      timers: {
        ...systemTimers,
        every(_ms, run) {
          looks.push(run);
          return () => undefined;
        },
      },
      admission: {
        admit: () =>
          new Promise((resolve) => {
            waiting.push(resolve);
            arrived();
          }),
        validate: () => undefined,
      },
      health: [{ name: 'slow', check: () => new Promise((resolve) => waiting.push(resolve)) }],
    });
  });
  afterAll(() => server.close());
  afterEach(() => {
    laterMs = 0;
    for (const go of waiting) go();
    waiting = [];
  });
  const create = (name: string, query: string): Promise<Answer> =>
    server.ask(`${maps}${query}`, {
      method: 'POST',
      json: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name } },
    });
  const look = (): void => {
    for (const run of looks) run();
  };

  it('is told after the time that it names, and the connection goes on', async () => {
    const { status, headers, text } = await create('slow', '?timeout=100ms');
    expect([status, headers['content-type'], headers['retry-after']]).toEqual([
      504,
      'text/plain; charset=utf-8',
      undefined,
    ]);
    expect(headers['audit-id']).toBeDefined();
    expect(text).toBe(
      `{"metadata":{},"status":"Failure","message":"${tooLate}","reason":"Timeout","details":{},"code":504}\n`,
    );
    for (const go of waiting) go();
    expect((await server.ask(maps)).status).toBe(200);
    expect((await server.ask(maps)).status).toBe(200);
  });

  it('is told at once when the time is over before anything is done', async () => {
    const { status, json } = await server.ask(`${maps}?timeout=1ns`);
    expect([status, json()['message']]).toEqual([504, tooLate]);
  });

  it('may take longer than any write, but not than the server allows', async () => {
    const came = arrival();
    const answer = create('held', '?timeout=10m');
    await came;
    laterMs = 33_000;
    look();
    laterMs = 34_500;
    look();
    const { status, json, headers } = await answer;
    expect([status, json()['message'], headers['content-type']]).toEqual([
      504,
      'Timeout: request did not complete within requested timeout - context deadline exceeded',
      'application/json',
    ]);
    laterMs = 0;
    const read = server.ask('/readyz');
    while (waiting.length < 2) await new Promise((resolve) => setImmediate(resolve));
    laterMs = 59_000;
    look();
    laterMs = 60_500;
    look();
    expect((await read).json()['message']).toBe(tooLate);
  });

  it('is a watch that ends in its own time', async () => {
    const watch = server.ask(`${maps}?watch=1&timeoutSeconds=1&timeout=1ms`);
    laterMs = 100_000;
    look();
    expect((await watch).status).toBe(200);
    expect((await server.ask(`${maps}?watch=1&timeoutSeconds=-1`)).status).toBe(200);
  });
});
