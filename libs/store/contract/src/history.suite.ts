import { seededRandom } from '@reckon/kernel';
import type { Random } from '@reckon/kernel';
import { expect, it } from 'vitest';
import type { Entry, EventLog } from './event-log';
import { keyText } from './object-key';
import type { ObjectKey } from './object-key';
import { RecordingSink } from './recording-sink';
import type { SeenEvent } from './recording-sink';
import { revision } from './revision';
import type { Revision } from './revision';
import type { Change, Match, Storage, StoredObject } from './storage';
import { StorageError } from './storage-error';
import { configMap, configMaps, eventually, configMapObject, someone, turns } from './storage-fixture';
import type { OpenFixture, StorageFixture } from './storage-fixture';

const namespaces = ['default', 'other'];
const tally = configMap('tally', 'quota');
const isRed: Match = (labels) => labels['color'] === 'red';

/**
 * Random histories: concurrent writers that race each other, batches that depend on each other (a tally is kept in one step with
 * what it counts), a log that fails now and then, watchers that are slow, leave and come back. Then every guarantee is checked on
 * what came out. A failure prints its seed; `RECKON_SEED=<n>` runs that one alone.
 */
export function testRandomHistories(
  open: OpenFixture,
  options: { readonly seeds: number; readonly steps: number },
): void {
  const only = process.env['RECKON_SEED'];
  const seeds = only === undefined ? Array.from({ length: options.seeds }, (_, i) => i + 1) : [Number(only)];
  it.each(seeds)('keeps every guarantee over a random history, seed %i', async (seed) => {
    const random = seededRandom(seed);
    const recentBytes = [0, 4000, 1 << 20][seed % 3] ?? 0;
    const fixture = await open({ recentBytes });
    const run = new History(fixture, random);
    try {
      await run.play(options.steps);
      await run.check();
      const again = await fixture.reopen();
      await run.checkReopened(again.storage);
      await again.close();
    } catch (error) {
      throw new Error(`seed ${String(seed)}: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    }
  });
}

class History {
  private readonly storage: Storage;
  private readonly log: StorageFixture['log'];
  private readonly acknowledged: StoredObject[] = [];
  private readonly watchers: RandomWatcher[] = [];
  private conflicts = 0;
  private lost = 0;

  constructor(
    fixture: StorageFixture,
    private readonly random: Random,
  ) {
    this.storage = fixture.storage;
    this.log = fixture.log;
  }

  async play(steps: number): Promise<void> {
    for (let i = 0; i < 6; i++) this.watchers.push(new RandomWatcher(this.storage, this.random, i));
    await this.write([
      { key: tally, verb: 'create', previous: 0 as Revision, object: configMapObject(tally, { count: '0' }) },
    ]);
    await Promise.all([
      ...Array.from({ length: 4 }, () => this.writer(steps)),
      this.adversary(steps),
      ...this.watchers.map((w) => w.live(steps)),
    ]);
    await this.storage.settled().catch(() => undefined);
  }

  async check(): Promise<void> {
    const entries = await allOf(this.log);
    const byRevision = new Map(entries.map((e) => [e.revision, e]));
    // Dense, and every answer that said "written" is in the log as it was said.
    expect(entries.map((e) => e.revision)).toEqual(entries.map((_, i) => i + 1));
    for (const stored of this.acknowledged)
      expect(byRevision.get(stored.revision)?.object.equals(stored.bytes)).toBe(true);
    // What failed left no trace: all that is in the log but the first entry was acknowledged.
    expect(new Set(this.acknowledged.map((s) => s.revision)).size).toBe(entries.length - 1);
    checkCompareAndSwap(entries);
    await checkView(this.storage, entries);
    await this.checkPast(entries);
    for (const watcher of this.watchers) await watcher.check(entries);
    expect(this.conflicts).toBeGreaterThan(0);
    expect(this.lost).toBeGreaterThan(0);
  }

  async checkReopened(storage: Storage): Promise<void> {
    await checkView(storage, await allOf(this.log));
  }

  private async writer(steps: number): Promise<void> {
    for (let i = 0; i < steps; i++) {
      if (this.random.int(3) === 0) await turns(1);
      const changes = this.random.int(3) === 0 ? this.tallied() : [this.change(this.key())];
      if (changes !== undefined) await this.write(changes);
    }
  }

  private key(): ObjectKey {
    return configMap(`c${String(this.random.int(8))}`, namespaces[this.random.int(namespaces.length)] ?? 'default');
  }

  /** A change on the newest state; now and then on one that is not, as a slow client's would be. */
  private change(key: ObjectKey): Change {
    const newest = this.storage.newest(key);
    const stale = this.random.int(6) === 0 ? 1 : 0;
    const labels = { color: this.random.int(2) === 0 ? 'red' : 'blue' };
    const object = configMapObject(key, { r: this.random.uuid(), pad: 'x'.repeat(this.random.int(300)) }, labels);
    if (newest === undefined) return { key, verb: 'create', previous: 0 as Revision, object };
    const previous = revision(Math.max(0, newest.revision - stale));
    if (this.random.int(4) === 0) return { key, verb: 'delete', previous, object: newest.parse() };
    return { key, verb: 'update', previous, object };
  }

  /** Creates or deletes an item in the namespace `quota` and moves the tally in the same batch. */
  private tallied(): Change[] | undefined {
    const item = configMap(`item${String(this.random.int(5))}`, 'quota');
    const newest = this.storage.newest(item);
    const counted = this.storage.newest(tally);
    if (counted === undefined) return undefined;
    const count = Number((counted.parse()['data'] as { count: string }).count);
    const change: Change =
      newest === undefined
        ? { key: item, verb: 'create', previous: 0 as Revision, object: configMapObject(item) }
        : { key: item, verb: 'delete', previous: newest.revision, object: newest.parse() };
    const object = configMapObject(tally, { count: String(count + (newest === undefined ? 1 : -1)) });
    return [change, { key: tally, verb: 'update', previous: counted.revision, object }];
  }

  private async write(changes: readonly Change[]): Promise<void> {
    try {
      const stored = await this.storage.commit(changes, someone);
      this.acknowledged.push(...stored);
      for (const one of stored) expect(this.storage.revision).toBeGreaterThanOrEqual(one.revision);
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      if (error.code === 'LogWriteFailed') this.lost++;
      else this.conflicts++;
    }
  }

  /** The log fails and stalls. */
  private async adversary(steps: number): Promise<void> {
    for (let i = 0; i < steps / 8; i++) {
      await turns(1 + this.random.int(4));
      const release = this.log.hold();
      if (this.random.int(2) === 0) this.log.failNext();
      await turns(1 + this.random.int(2));
      release();
    }
    // So that every seed has at least one.
    const release = this.log.hold();
    this.log.failNext();
    const lost = this.write([this.change(configMap('lost'))]);
    release();
    await lost;
  }

  /** Any revision, whole and in pages, equals the fold of the log up to it; the tally holds in all that readers could see. */
  private async checkPast(entries: readonly Entry[]): Promise<void> {
    for (let i = 0; i < 12; i++) {
      const at = revision(1 + this.random.int(entries.length));
      const expected = [...fold(entries, at).values()].filter((e) => e.key.startsWith('/core/configmaps/')).sort(byKey);
      expect(await pagesAt(this.storage, at, 0)).toEqual(expected.map(shown));
      expect(await pagesAt(this.storage, at, 1 + this.random.int(5))).toEqual(expected.map(shown));
      const one = expected[this.random.int(expected.length)];
      if (one !== undefined) {
        const [, , , namespace = '', name = ''] = one.key.split('/');
        expect((await this.storage.getAt(configMap(name, namespace), at))?.revision).toBe(one.revision);
      }
    }
  }
}

/** A watcher that reads slowly, leaves, and comes back at the last revision it saw. */
class RandomWatcher {
  readonly events: SeenEvent[] = [];
  private readonly match: Match | undefined;
  private readonly namespace: string;
  private sink = new RecordingSink();
  private abort = new AbortController();
  private position: Revision;

  constructor(
    private readonly storage: Storage,
    private readonly random: Random,
    kind: number,
  ) {
    this.match = kind % 2 === 1 ? isRed : undefined;
    this.namespace = kind >= 4 ? 'default' : '';
    this.position = storage.revision;
    this.open();
  }

  async live(steps: number): Promise<void> {
    for (let i = 0; i < steps / 2; i++) {
      await turns(1);
      if (this.random.int(3) === 0) this.sink.drain();
      if (this.random.int(12) === 0) {
        this.leave();
        this.open();
      }
    }
  }

  async check(entries: readonly Entry[]): Promise<void> {
    const expected = expectedEvents(entries, this.namespace, this.match);
    await eventually(() => {
      this.sink.drain();
      return this.events.length + this.sink.events().length >= expected.length;
    });
    this.leave();
    expect(
      this.events.map(({ type, object }) => [type, object.metadata.resourceVersion, object.metadata.name]),
    ).toEqual(expected);
  }

  private open(): void {
    this.sink = new RecordingSink(1 + this.random.int(4));
    this.abort = new AbortController();
    this.storage.watch(
      {
        resource: configMaps,
        namespace: this.namespace,
        start: { kind: 'from', revision: this.position },
        bookmarks: false,
        signal: this.abort.signal,
        ...(this.match === undefined ? {} : { match: this.match }),
      },
      this.sink,
    );
  }

  private leave(): void {
    this.abort.abort();
    this.events.push(...this.sink.events());
    const last = this.events.at(-1);
    if (last !== undefined) this.position = revision(Number(last.object.metadata.resourceVersion));
  }
}

async function allOf(log: EventLog): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const chunk of log.read({ after: 0 as Revision })) entries.push(...chunk);
  return entries;
}

function fold(entries: readonly Entry[], at: Revision): Map<string, Entry> {
  const state = new Map<string, Entry>();
  for (const entry of entries) {
    if (entry.revision > at) break;
    if (entry.verb === 'delete') state.delete(entry.key);
    else state.set(entry.key, entry);
  }
  return state;
}

/** Each entry names the one before it of its key: nobody's change was decided on anything but the newest. */
function checkCompareAndSwap(entries: readonly Entry[]): void {
  const newest = new Map<string, Revision>();
  for (const entry of entries) {
    expect(entry.previous).toBe(newest.get(entry.key) ?? 0);
    expect(entry.verb === 'create').toBe(entry.previous === 0);
    if (entry.verb === 'delete') newest.delete(entry.key);
    else newest.set(entry.key, entry.revision);
  }
}

async function checkView(storage: Storage, entries: readonly Entry[]): Promise<void> {
  const last = entries[entries.length - 1];
  const state = fold(entries, last?.revision ?? (0 as Revision));
  const expected = [...state.values()].filter((e) => e.key.startsWith('/core/configmaps/')).sort(byKey);
  const page = await storage.list({ resource: configMaps, namespace: '', limit: 0, consistency: { kind: 'current' } });
  expect(page.revision).toBe(last?.revision);
  expect(page.items.map((o) => [keyText(o.key), o.revision, o.bytes.toString()])).toEqual(expected.map(shown));
  expect(storage.count(configMaps)).toBe(expected.length);
  const items = page.items.filter((o) => o.key.name.startsWith('item'));
  const counted = page.items.find((o) => o.key.name === 'tally');
  expect(counted?.parse()['data']).toEqual({ count: String(items.length) });
}

async function pagesAt(storage: Storage, at: Revision, limit: number): Promise<unknown[]> {
  const seen: unknown[] = [];
  let startAfter: string | undefined;
  for (;;) {
    const page = await storage.list({
      resource: configMaps,
      namespace: '',
      limit,
      consistency: { kind: 'exact', revision: at },
      ...(startAfter === undefined ? {} : { startAfter }),
    });
    expect(page.revision).toBe(at);
    seen.push(...page.items.map((o) => [keyText(o.key), o.revision, o.bytes.toString()]));
    if (page.next === undefined) return seen;
    startAfter = page.next.lastKey;
  }
}

function expectedEvents(entries: readonly Entry[], namespace: string, match: Match | undefined): unknown[] {
  const matching = new Set<string>();
  const events: unknown[] = [];
  for (const entry of entries.slice(1)) {
    const { metadata } = JSON.parse(entry.object.toString()) as {
      metadata: { name: string; namespace: string; labels?: Record<string, string> };
    };
    if (namespace !== '' && metadata.namespace !== namespace) continue;
    const did = matching.has(entry.key);
    const does = entry.verb !== 'delete' && (match === undefined || match(metadata.labels ?? {}, {}));
    if (does) matching.add(entry.key);
    else matching.delete(entry.key);
    const type = does ? (did ? 'MODIFIED' : 'ADDED') : did ? 'DELETED' : undefined;
    if (type !== undefined) events.push([type, String(entry.revision), metadata.name]);
  }
  return events;
}

const shown = (entry: Entry): unknown[] => [entry.key, entry.revision, entry.object.toString()];

const byKey = (a: Entry, b: Entry): number => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key));
