import { appendFileSync } from 'node:fs';
import { createKindRegistry } from '@reckon/api/kinds';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RawClient, type ReckonProcess, eventually, reckonProgram, run, startReckon } from '@reckon/testkit';
import { namespace } from '../resources/resource-example';
import { faultOf } from './fuzz-answer';
import { createRequests, type FuzzCase, intents } from './fuzz-request';
import { fuzzTargets } from './fuzz-target';

const seed = Number(process.env['RECKON_SEED'] ?? 1);
/** Bodies to send; the whole run is 100,000. */
const bodies = Number(process.env['RECKON_FUZZ'] ?? 3_000);
/** A file for a long run: a line for each fault, then the figures. */
const report = process.env['RECKON_FUZZ_REPORT'];
const senders = 8;
/** What a thread of the server may hold, however many bodies come. */
const heapMegabytes = 256;
/** History stays in memory as far as watches share it; what bodies leave there has this bound, whatever their number. */
const grownMegabytes = 48;

interface Item {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly uid: string };
}

describe(`bodies at random (RECKON_SEED=${String(seed)}, RECKON_FUZZ=${String(bodies)})`, () => {
  const kinds = createKindRegistry();
  const targets = fuzzTargets(kinds);
  const stored = targets.filter(({ row }) => row.verbs.includes('delete'));
  const requestOf = createRequests(kinds);
  let reckon: ReckonProcess;
  let client: RawClient;
  let there: ReadonlySet<string>;
  let heapBefore: number;

  beforeAll(async () => {
    reckon = await startReckon({
      flags: ['--nodes', '0'],
      env: { NODE_OPTIONS: `--max-old-space-size=${String(heapMegabytes)}` },
    });
    client = RawClient.of(reckon.kubeconfig);
    there = new Set((await everything()).map(({ item }) => item.metadata.uid));
    await client.send('POST', '/api/v1/namespaces', { body: { metadata: { name: namespace } } });
    for (const { collection, object } of stored) {
      const made = await client.send('POST', collection, { body: object });
      expect([201, 409], made.text).toContain(made.status);
    }
    heapBefore = await heapMegabytesInUse();
  });
  afterAll(async () => {
    client.close();
    await reckon.dispose();
  });

  const heapMegabytesInUse = async (): Promise<number> => {
    const { text } = await client.send('GET', '/metrics');
    return Number(/^process_heap_bytes (\S+)$/m.exec(text)?.[1]) / 2 ** 20;
  };

  /** Every object of every resource that can be deleted, by its path. */
  async function everything(): Promise<{ readonly path: string; readonly item: Item }[]> {
    const lists = await Promise.all(
      stored.map(async ({ collection, row }) => {
        const { body } = await client.send('GET', collection);
        const { items } = body as { items: Item[] | null };
        return (items ?? []).map((item) => ({
          path: `${collection}/${encodeURIComponent(item.metadata.name)}`,
          item,
          row,
        }));
      }),
    );
    return lists.flat();
  }

  const note = (line: unknown): void => {
    if (report !== undefined) appendFileSync(report, `${JSON.stringify(line)}\n`);
  };

  it(
    'are answered with an object or a right Status',
    async () => {
      const tally = new Map<number, number>();
      const faults: string[] = [];
      const cases = fc.sample(
        fc.record({ target: fc.constantFrom(...targets), intent: fc.constantFrom(...intents), seed: fc.nat() }),
        { numRuns: bodies, seed },
      );
      const send = async (fuzzCase: FuzzCase): Promise<void> => {
        const { intent, target } = fuzzCase;
        const { method, path, headers, body } = requestOf(fuzzCase);
        const about = `${target.row.group}/${target.row.version}/${target.row.resource} ${intent} seed ${String(fuzzCase.seed)}`;
        const sent = `${method} ${path} ${JSON.stringify(headers)}\n${body.toString('latin1').slice(0, 2000)}`;
        const reply = await client.send(method, path, { headers, body }).catch((error: unknown) => {
          throw new Error(`no answer: ${about}\n${sent}`, { cause: error });
        });
        tally.set(reply.status, (tally.get(reply.status) ?? 0) + 1);
        const contentType = reply.headers['content-type'] ?? '';
        const fault = faultOf(kinds, { status: reply.status, contentType, body: reply.bytes });
        if (fault === undefined) return;
        faults.push(`${fault.slice(0, 1000)}\n${about}\n${sent}`);
        note({ fault, about, sent, answer: reply.text.slice(0, 1000) });
      };
      const began = performance.now();
      const left = cases.values();
      await Promise.all(
        Array.from({ length: senders }, async () => {
          for (const fuzzCase of left) await send(fuzzCase);
        }),
      );
      note({ seconds: (performance.now() - began) / 1000, tally: Object.fromEntries(tally) });
      if (report !== undefined) appendFileSync(report, reckon.output());
      expect(faults.slice(0, 5), `${String(faults.length)} faults`).toEqual([]);
      expect(reckon.output()).not.toContain('request failed');
    },
    // Several milliseconds each on a slow machine.
    60_000 + bodies * 20,
  );

  it('leave a server that empties, whose memory returns and whose log is sound', async () => {
    await eventually(
      async () => {
        const added = (await everything()).filter(({ item }) => !there.has(item.metadata.uid));
        for (const { path } of added) {
          const patch = { metadata: { finalizers: null } };
          await client.send('PATCH', path, {
            body: patch,
            headers: { 'content-type': 'application/merge-patch+json' },
          });
          await client.send('DELETE', path, { body: { gracePeriodSeconds: 0 } });
        }
        expect(
          added.map(({ path }) => path).filter((path) => !path.endsWith('/default') && !path.endsWith('.crt')),
        ).toEqual([]);
      },
      { withinMs: 60_000 },
    );
    const heapAfter = await eventually(
      async () => {
        // Garbage goes when something else is needed.
        for (let i = 0; i < 50; i++) await client.send('GET', '/openapi/v3/api/v1');
        const inUse = await heapMegabytesInUse();
        expect(inUse).toBeLessThan(heapBefore + grownMegabytes);
        return inUse;
      },
      { withinMs: 60_000 },
    );
    const watched = await client.send('GET', '/debug/watchers');
    expect(await reckon.end()).toBe(0);
    const check = await run(process.execPath, [reckonProgram, 'check', '--data-dir', reckon.dataDir]);
    note({ heapBefore, heapAfter, watched: watched.text.length, check: check.stdout });
    expect([check.code, check.stderr, check.stdout]).toEqual([0, '', expect.stringMatching(/^sound: /)]);
  });
});
