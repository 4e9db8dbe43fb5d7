import { expect } from 'vitest';
import type { Entry, EventLog, Head, Verb } from './event-log';
import { noRevision } from './revision';
import type { Revision } from './revision';
import { StorageError } from './storage-error';
import type { StorageErrorCode } from './storage-error';

/** A log under test, empty when it comes. */
export interface LogFixture {
  readonly log: EventLog;
  /** Closes the log and opens what it left. */
  reopen(): Promise<EventLog>;
  /** As `reopen`, but without closing: what a process leaves that is killed. */
  crash?(): Promise<EventLog>;
  /** From now until the function it answers is called, commits fail with a known outcome (`LogWriteFailed`). */
  failCommits(): Promise<() => Promise<void>>;
  dispose(): Promise<void>;
}

export type OpenLogFixture = () => Promise<LogFixture>;

export const withLog =
  (open: OpenLogFixture, test: (fixture: LogFixture) => Promise<void>): (() => Promise<void>) =>
  async () => {
    const fixture = await open();
    try {
      await test(fixture);
    } finally {
      await fixture.dispose();
    }
  };

export interface Draft {
  readonly key: string;
  readonly verb?: Verb;
  readonly text?: string;
  readonly at?: number;
  readonly actor?: string;
}

/** Numbers drafts and chains them as the storage does, so that a test only says what changes. */
export class Drafter {
  private readonly live = new Map<string, Revision>();
  next: number;
  at = 1_000;

  constructor(head: number) {
    this.next = head + 1;
  }

  /** Takes back everything that was drafted after `log.head`. */
  async resume(log: EventLog): Promise<void> {
    this.live.clear();
    for (const head of await collect(log.heads())) this.live.set(head.key, head.revision);
    this.next = log.head + 1;
    this.at = Math.max(this.at, log.lastAt);
  }

  entry({ key, verb, text = '', at, actor = 'alice' }: Draft): Entry {
    const previous = this.live.get(key) ?? noRevision;
    const stamp = this.next++ as Revision;
    const what = verb ?? (previous === 0 ? 'create' : 'update');
    if (what === 'delete') this.live.delete(key);
    else this.live.set(key, stamp);
    this.at = at ?? this.at + 1;
    return {
      revision: stamp,
      key,
      previous,
      verb: what,
      object: objectOf(stamp, text),
      at: this.at,
      actor,
      agent: 'suite/1.0',
      manager: 'suite',
      request: `request-${stamp}`,
    };
  }

  entries(...drafts: readonly Draft[]): Entry[] {
    return drafts.map((draft) => this.entry(draft));
  }
}

export const objectOf = (stamp: number, text: string): Buffer =>
  Buffer.from(JSON.stringify({ metadata: { resourceVersion: String(stamp) }, text }));

export const pod = (name: string): string => `/core/pods/default/${name}`;
export const lease = (name: string): string => `/coordination.k8s.io/leases/kube-node-lease/${name}`;
export const podsPrefix = '/core/pods/';
export const leasesPrefix = '/coordination.k8s.io/leases/';

export async function collect<T>(chunks: AsyncIterable<readonly T[]>): Promise<T[]> {
  const all: T[] = [];
  for await (const chunk of chunks) all.push(...chunk);
  return all;
}

/** Entries and heads as plain data that compares well. */
export const plain = (entry: Entry): unknown => ({ ...entry, object: entry.object.toString() });
export const plainHead = ({ key, revision, object }: Head): unknown => ({ key, revision, object: object.toString() });
export const byKey = (a: Head, b: Head): number => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key));

/** The code of the StorageError that the promise is rejected with. */
export async function codeOf(work: Promise<unknown>): Promise<StorageErrorCode | 'no error'> {
  try {
    await work;
    return 'no error';
  } catch (error) {
    if (error instanceof StorageError) return error.code;
    throw error;
  }
}

/** What is live after these entries: the oracle of `heads` and `listAt`. */
export function fold(entries: readonly Entry[], upTo = Infinity): Head[] {
  const live = new Map<string, Entry>();
  for (const entry of entries) {
    if (entry.revision > upTo) break;
    if (entry.verb === 'delete') live.delete(entry.key);
    else live.set(entry.key, entry);
  }
  return [...live.values()].sort(byKey);
}

/** The log holds exactly these entries, and every way to read it agrees with them. */
export async function expectLog(log: EventLog, entries: readonly Entry[]): Promise<void> {
  expect(log.head).toBe(entries.at(-1)?.revision ?? 0);
  expect(log.lastAt).toBe(entries.at(-1)?.at ?? 0);
  expect((await collect(log.read({ after: noRevision }))).map(plain)).toEqual(entries.map(plain));
  expect((await collect(log.heads())).sort(byKey).map(plainHead)).toEqual(fold(entries).map(plainHead));
}
