import { fakeClock, seededRandom } from '@reckon/kernel';
import { describe, expect, it } from 'vitest';
import { eventOf, memoryBackend } from '../testing/memory-backend.suite';
import { type BatchOptions, batchingBackend } from './batching-backend';
import { logBackend } from './log-backend';
import { truncatingBackend } from './truncating-backend';
import { webhookBackend } from './webhook-backend';

const ids = (events: readonly Record<string, unknown>[]): unknown[] => events.map(({ auditID }) => auditID);

function batching(options: Partial<BatchOptions> = {}) {
  const clock = fakeClock();
  const target = memoryBackend();
  const lost: [plugin: string, count: number][] = [];
  const backend = batchingBackend(
    target,
    { bufferSize: 10, maxBatchSize: 3, maxWaitMs: 1000, mostUnderWay: 1, ...options },
    { timers: clock, monotonic: clock, lost: (plugin, _, count) => lost.push([plugin, count]) },
  );
  const add = (...names: string[]): void => {
    for (const name of names) void backend.process([eventOf(name)]);
  };
  return { clock, target, backend, add, lost, sizes: () => target.batches.map((batch) => batch.length) };
}

describe('batches', () => {
  it('go when they are full', async () => {
    const { add, clock, target } = batching();
    add('a', 'b');
    await clock.advance(0);
    expect(target.batches).toEqual([]);
    add('c', 'd');
    await clock.advance(0);
    expect(ids(target.events)).toEqual(['a', 'b', 'c']);
  });
  it('go after a while, however small', async () => {
    const { add, clock, sizes } = batching();
    add('a');
    await clock.advance(999);
    expect(sizes()).toEqual([]);
    await clock.advance(1);
    expect(sizes()).toEqual([1]);
    add('b');
    await clock.advance(1000);
    expect(sizes()).toEqual([1, 1]);
  });
  it('hold no more than the buffer; what comes then is lost and counted', async () => {
    const { add, lost, target, clock } = batching({ bufferSize: 4, maxBatchSize: 100 });
    add('a', 'b', 'c', 'd', 'e', 'f');
    expect(lost).toEqual([
      ['buffered', 1],
      ['buffered', 1],
    ]);
    await clock.advance(1000);
    expect(ids(target.events)).toEqual(['a', 'b', 'c', 'd']);
  });
  it('go at a limited rate', async () => {
    const { add, clock, sizes } = batching({ maxBatchSize: 1, throttle: { qps: 2, burst: 3 }, mostUnderWay: 9 });
    add('a', 'b', 'c', 'd', 'e', 'f');
    await clock.advance(0);
    expect(sizes()).toHaveLength(3);
    await clock.advance(500);
    expect(sizes()).toHaveLength(4);
    await clock.advance(1000);
    expect(sizes()).toHaveLength(6);
  });
  it('that fail are lost, counted, and hold up nothing', async () => {
    const { add, clock, target, lost } = batching();
    target.refusal = new Error('down');
    add('a', 'b', 'c');
    await clock.advance(0);
    target.refusal = undefined;
    add('d', 'e', 'f');
    await clock.advance(0);
    expect(lost).toEqual([['memory', 3]]);
    expect(ids(target.events)).toEqual(['d', 'e', 'f']);
  });
  it('are sent at the end', async () => {
    const { add, target, backend } = batching();
    add('a', 'b');
    await backend.stop();
    expect(ids(target.events)).toEqual(['a', 'b']);
    expect(target.isStopped).toBe(true);
  });
});

describe('truncation', () => {
  const lost: string[] = [];
  const truncating = (maxBatchSize = 1000) => {
    const target = memoryBackend();
    const backend = truncatingBackend(target, { maxEventSize: 200, maxBatchSize }, (plugin) => lost.push(plugin));
    return { target, backend };
  };
  it('takes the objects out of an event that is too large, in bytes', async () => {
    const { target, backend } = truncating();
    await backend.process([eventOf('small', 10, 'cut'), eventOf('large', 300, 'cut')]);
    expect(target.events.map(({ auditID, pad }) => [auditID, pad])).toEqual([
      ['small', 'x'.repeat(10)],
      ['large', 'cut'],
    ]);
    const wide = { body: `"auditID":"wide","pad":"${'é'.repeat(80)}"}`, short: undefined, legacy: '' };
    await backend.process([wide]);
    expect(target.events).toHaveLength(2);
    expect(lost).toEqual(['truncate']);
  });
  it('loses one that is too large without them', async () => {
    const { target, backend } = truncating();
    await backend.process([eventOf('huge', 300, 'x'.repeat(300)), eventOf('bare', 300)]);
    expect(target.events).toEqual([]);
    expect(lost).toEqual(['truncate', 'truncate', 'truncate']);
  });
  it('splits batches that are too large', async () => {
    const { target, backend } = truncating(250);
    await backend.process([eventOf('a', 50), eventOf('b', 50), eventOf('c', 50)]);
    expect(target.batches.map((batch) => batch.length)).toEqual([2, 1]);
  });
});

describe('the log', () => {
  it('has a line per event', async () => {
    const written: string[] = [];
    const lines = { write: (text: string) => Promise.resolve(void written.push(text)), stop: () => Promise.resolve() };
    await logBackend(lines, 'json').process([eventOf('a')]);
    await logBackend(lines, 'legacy').process([eventOf('a'), eventOf('b')]);
    expect(written).toEqual(['{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"a","pad":""}\n', 'a\nb\n']);
  });
});

describe('the webhook', () => {
  function posting(answers: readonly ('ok' | 'down' | 'silent')[]) {
    const clock = fakeClock();
    const bodies: string[] = [];
    let isClosed = false;
    const backend = webhookBackend({
      client: {
        post(body, signal) {
          bodies.push(body);
          const answer = answers[bodies.length - 1] ?? 'ok';
          if (answer === 'ok') return Promise.resolve('');
          if (answer === 'down') return Promise.reject(new Error('ECONNREFUSED'));
          return new Promise((_, reject) => {
            signal.addEventListener('abort', () => {
              reject(new Error('too slow'));
            });
          });
        },
        close() {
          isClosed = true;
        },
      },
      initialBackoffMs: 100,
      timers: clock,
      random: seededRandom(1),
    });
    return { clock, bodies, backend, isClosed: () => isClosed };
  }
  it('takes an EventList', async () => {
    const { backend, bodies } = posting([]);
    await backend.process([eventOf('a'), eventOf('b')]);
    expect(JSON.parse(bodies[0] ?? '')).toEqual({
      kind: 'EventList',
      apiVersion: 'audit.k8s.io/v1',
      metadata: {},
      items: [
        { auditID: 'a', pad: '' },
        { auditID: 'b', pad: '' },
      ],
    });
  });
  it('is asked again, later each time, whatever went wrong', async () => {
    const { backend, bodies, clock } = posting(['down', 'silent', 'down']);
    const sent = backend.process([eventOf('a')]);
    await clock.advance(120);
    expect(bodies).toHaveLength(2);
    await clock.advance(30_000 + 180);
    expect(bodies).toHaveLength(3);
    await clock.advance(270);
    await sent;
    expect(bodies).toHaveLength(4);
    expect(new Set(bodies).size).toBe(1);
  });
  it('loses events after five tries', async () => {
    const { backend, bodies, clock } = posting(['down', 'down', 'down', 'down', 'down']);
    const sent = expect(backend.process([eventOf('a')])).rejects.toThrow(
      'the audit webhook did not take events: ECONNREFUSED',
    );
    await clock.advance(10_000);
    await sent;
    expect(bodies).toHaveLength(5);
  });
  it('is not waited for when the server stops', async () => {
    const { backend, bodies, clock, isClosed } = posting(['down', 'down', 'down']);
    const sent = expect(backend.process([eventOf('a')])).rejects.toThrow();
    await clock.advance(0);
    await backend.stop();
    await sent;
    expect(bodies.length).toBeLessThan(3);
    expect(isClosed()).toBe(true);
  });
});
