import { fakeClock } from '@reckon/kernel';
import { keyText, revision } from '@reckon/store/contract';
import type { Revision, StorageResource, Verb, WatchRequest, WatchSink } from '@reckon/store/contract';
import { memoryLog } from '@reckon/store/log';
import { View } from '@reckon/store/view';
import type { Folded } from '@reckon/store/view';
import { describe, expect, it } from 'vitest';
import { jsonEncoding } from './json-encoding';
import { WatchHub } from './watch-hub';

const pods: StorageResource = { group: '', resource: 'pods' };

function setUp(defer: (run: () => void) => void = (run) => run()): {
  view: View;
  hub: WatchHub;
  clock: ReturnType<typeof fakeClock>;
  fold(name: string, node: string, verb?: Verb): Folded;
} {
  const view = new View({ revision: revision(1), recentBytes: 1 << 20 });
  const clock = fakeClock();
  const hub = new WatchHub({ view, log: memoryLog(), timers: clock, defer });
  view.table(pods).extract = (o) => ({ 'spec.nodeName': (o['spec'] as { nodeName: string }).nodeName });
  return {
    view,
    hub,
    clock,
    fold(name, node, verb) {
      const key = { ...pods, namespace: 'default', name };
      const next = (view.revision + 1) as Revision;
      const object = { kind: 'Pod', metadata: { name, resourceVersion: String(next) }, spec: { nodeName: node } };
      const table = view.table(pods);
      const after = table.stored(keyText(key), next, Buffer.from(JSON.stringify(object)), key);
      return view.fold(table, verb ?? (table.get(after.text) === undefined ? 'create' : 'update'), after);
    },
  };
}

function request(more: Partial<WatchRequest> = {}): WatchRequest {
  const { signal } = new AbortController();
  return {
    resource: pods,
    namespace: '',
    start: { kind: 'from', revision: revision(1) },
    bookmarks: false,
    signal,
    ...more,
  };
}

function sink(): WatchSink & { readonly frames: Buffer[] } {
  const frames: Buffer[] = [];
  return { frames, write: (frame) => frames.push(frame) > 0, onDrain: () => undefined, end: () => undefined };
}

describe('the watch hub', () => {
  it('touches only the watchers that a change may concern: 1,000 kubelets, one pod', () => {
    const { hub, fold } = setUp();
    let asked = 0;
    const sinks = Array.from({ length: 1000 }, (_, i) => {
      const value = `node-${String(i)}`;
      const own = sink();
      const match = (_: unknown, fields: Readonly<Record<string, string>>): boolean => {
        asked++;
        return fields['spec.nodeName'] === value;
      };
      hub.watch(request({ match, requires: { field: 'spec.nodeName', value } }), own);
      return own;
    });
    hub.publish([fold('a', 'node-7')]);
    hub.publish([fold('a', 'node-8')]);
    expect(sinks.filter((s) => s.frames.length > 0)).toEqual([sinks[7], sinks[8]]);
    expect(asked).toBeLessThan(10);
  });

  it('encodes an event once for all watchers of an encoding', () => {
    const { hub, fold } = setUp();
    let encoded = 0;
    const json = jsonEncoding({ apiVersion: 'v1', kind: 'Pod' });
    const sinks = Array.from({ length: 50 }, (_, i) => {
      const own = sink();
      const encoding = {
        ...json,
        encode: (event: Parameters<typeof json.encode>[0]) => {
          encoded++;
          return json.encode(event);
        },
      };
      hub.watch(request({ encoding, ...(i % 2 === 0 ? {} : { match: () => true }) }), own);
      return own;
    });
    hub.publish([fold('a', ''), fold('b', ''), fold('a', '')]);
    expect(encoded).toBe(3);
    expect(new Set(sinks.filter((_, i) => i % 2 === 0).map((s) => s.frames[0])).size).toBe(1);
    expect(new Set(sinks.filter((_, i) => i % 2 === 1).map((s) => s.frames[0])).size).toBe(1);
    expect(sinks.every((s) => s.frames.length === 1)).toBe(true);
  });

  it('cuts a large batch, so that a full sink holds little and goes on where it stopped', () => {
    const { hub, fold } = setUp();
    const fast = sink();
    let drain = (): void => undefined;
    const frames: Buffer[] = [];
    const slow: WatchSink = {
      write: (frame) => {
        frames.push(frame);
        return false;
      },
      onDrain: (listener) => (drain = listener),
      end: () => undefined,
    };
    hub.watch(request(), fast);
    hub.watch(request(), slow);
    hub.publish(Array.from({ length: 12 }, (_, i) => fold(`p${String(i)}`, 'n'.repeat(50_000))));
    expect(fast.frames.length).toBeGreaterThan(1);
    expect(Math.max(...fast.frames.map((f) => f.length))).toBeLessThan(320_000);
    expect(frames).toHaveLength(1);
    expect(frames[0]).toBe(fast.frames[0]);
    drain();
    drain();
    drain();
    expect(Buffer.concat(frames).equals(Buffer.concat(fast.frames))).toBe(true);
  });

  it('gives nothing twice to a watch that a sink opens in the middle of a fan-out', () => {
    const { view, hub, fold } = setUp();
    const late = sink();
    let isOpened = false;
    const opener: WatchSink = {
      write: () => {
        if (!isOpened) hub.watch(request({ start: { kind: 'from', revision: revision(1) } }), late);
        isOpened = true;
        return true;
      },
      onDrain: () => undefined,
      end: () => undefined,
    };
    hub.watch(request(), opener);
    hub.publish([fold('a', ''), fold('b', '')]);
    hub.publish([fold('c', '')]);
    const names = Buffer.concat(late.frames)
      .toString()
      .match(/"name":"./g);
    expect(names).toEqual(['"name":"a', '"name":"b', '"name":"c']);
    expect(view.revision).toBe(4);
  });

  it('writes bookmarks as the recordings have them', () => {
    const { encodeBookmark } = jsonEncoding({ apiVersion: 'v1', kind: 'ConfigMap' });
    expect(encodeBookmark({ type: 'BOOKMARK', revision: revision(459), initialEventsEnd: true }).toString()).toBe(
      '{"type":"BOOKMARK","object":{"kind":"ConfigMap","apiVersion":"v1","metadata":{"resourceVersion":"459",' +
        '"annotations":{"k8s.io/initial-events-end":"true"}}}}\n',
    );
    expect(encodeBookmark({ type: 'BOOKMARK', revision: revision(7), initialEventsEnd: false }).toString()).toBe(
      '{"type":"BOOKMARK","object":{"kind":"ConfigMap","apiVersion":"v1","metadata":{"resourceVersion":"7"}}}\n',
    );
  });

  it('forgets closed watchers', async () => {
    const { hub, view } = setUp();
    const abort = new AbortController();
    hub.watch(request({ signal: abort.signal, match: () => true }), sink());
    hub.watch(request({ namespace: 'default', bookmarks: true }), sink());
    expect([hub.size, view.table(pods).selectors]).toEqual([2, 1]);
    abort.abort();
    expect([hub.size, view.table(pods).selectors]).toEqual([1, 0]);
    await hub.stop();
    expect([hub.size, hub.describe()]).toEqual([0, []]);
  });

  it('fans out together what is published in one turn, and before anything else happens to a watcher', () => {
    const due: (() => void)[] = [];
    const { hub, fold, view } = setUp((run) => due.push(run));
    const [first, late] = [sink(), sink()];
    hub.watch(request(), first);
    hub.publish([fold('a', '')]);
    hub.publish([fold('b', '')]);
    expect([due.length, first.frames.length]).toEqual([1, 0]);
    due.shift()?.();
    expect(first.frames.map((frame) => frame.toString().match(/"name":"\w"/g))).toEqual([['"name":"a"', '"name":"b"']]);
    hub.publish([fold('c', '')]);
    hub.watch(request({ start: { kind: 'from', revision: view.revision } }), late);
    expect(first.frames).toHaveLength(2);
    due.shift()?.();
    expect([first.frames.length, late.frames.length]).toEqual([2, 0]);
    hub.publish([fold('d', '')]);
    due.shift()?.();
    expect([first.frames.length, late.frames.length]).toEqual([3, 1]);
  });

  it('gives no bookmark before the events that it speaks of', async () => {
    const due: (() => void)[] = [];
    const { hub, fold, clock } = setUp((run) => due.push(run));
    const own = sink();
    hub.watch(request({ bookmarks: true }), own);
    hub.publish([fold('a', '')]);
    await clock.advance(120_000);
    const types = own.frames.flatMap((frame) => frame.toString().match(/"type":"\w+"/g) ?? []);
    expect([types[0], types[1]]).toEqual(['"type":"ADDED"', '"type":"BOOKMARK"']);
  });

  it('sends what was published last before it stops', async () => {
    const { hub, fold } = setUp(() => undefined);
    const own = sink();
    hub.watch(request(), own);
    hub.publish([fold('a', '')]);
    await hub.stop();
    expect(own.frames).toHaveLength(1);
  });
});
