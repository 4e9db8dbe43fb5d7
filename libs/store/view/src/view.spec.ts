import { seededRandom } from '@reckon/kernel';
import { keyText, revision } from '@reckon/store/contract';
import type { Head, Revision, StorageResource } from '@reckon/store/contract';
import { describe, expect, it } from 'vitest';
import { objectAt, pageAt } from './page-at';
import { pageNow } from './page';
import type { PageRequest } from './page';
import type { Stored } from './stored';
import { View } from './view';

const pods: StorageResource = { group: '', resource: 'pods' };
const everything: PageRequest = { namespace: '', name: undefined, match: undefined, limit: 0, startAfter: undefined };

function object(view: View, name: string, namespace = 'default'): Stored {
  const key = { ...pods, namespace, name };
  const next = revision(view.revision + 1);
  const bytes = Buffer.from(JSON.stringify({ metadata: { name, namespace, resourceVersion: String(next) } }));
  return view.table(pods).stored(keyText(key), next, bytes, key);
}

function change(view: View, name: string, verb?: 'delete'): void {
  const table = view.table(pods);
  const after = object(view, name);
  view.fold(table, verb ?? (table.get(after.text) === undefined ? 'create' : 'update'), after);
}

const shown = (items: readonly { key: { name: string }; revision: number }[]): string[] =>
  items.map((o) => `${o.key.name}@${String(o.revision)}`);

const empty = (recentBytes = 1 << 20): View => new View({ revision: revision(10), recentBytes });

describe('View', () => {
  it('loads heads in any order, chunk by chunk, without parsing them', async () => {
    const view = new View({ revision: revision(7), recentBytes: 0 });
    const head = (key: string, at: number): Head => ({ key, revision: revision(at), object: Buffer.from('not JSON') });
    await view.load(
      (async function* () {
        yield [head('/core/pods/b/x', 3), head('/core/nodes//n', 5)];
        yield [head('/core/pods/a/z', 7), head('/core/pods/a/a', 1)];
      })(),
    );
    const page = pageNow(view.table(pods), everything);
    expect(page.items.map((o) => [o.key.namespace, o.key.name, o.revision])).toEqual([
      ['a', 'a', 1],
      ['a', 'z', 7],
      ['b', 'x', 3],
    ]);
    expect(view.table({ group: '', resource: 'nodes' }).count).toBe(1);
    expect(view.get({ group: '', resource: 'nodes', namespace: '', name: 'n' })?.revision).toBe(5);
  });

  it('refuses a hole', () => {
    const view = empty();
    const skipped = view.table(pods).stored('/core/pods/a/b', revision(12), Buffer.from('{}'));
    expect(() => view.fold(view.table(pods), 'create', skipped)).toThrow('hole');
  });

  it('undoes newer changes, as in the worked example', () => {
    const view = empty();
    for (const name of ['b', 'c']) change(view, name);
    const base = view.revision;
    change(view, 'a');
    change(view, 'b');
    change(view, 'c', 'delete');
    change(view, 'b');
    const at = (r: number): string[] => shown(pageAt(view.table(pods), revision(r), everything).items);
    expect(at(base)).toEqual(['b@11', 'c@12']);
    expect(at(base + 1)).toEqual(['a@13', 'b@11', 'c@12']);
    expect(at(base + 2)).toEqual(['a@13', 'b@14', 'c@12']);
    expect(at(base + 3)).toEqual(['a@13', 'b@14']);
    expect(at(base + 4)).toEqual(['a@13', 'b@16']);
  });

  it('holds recent changes within the bound and says from where on they are whole', () => {
    const view = empty(3000);
    for (let i = 0; i < 100; i++) change(view, `p${String(i % 3)}`);
    expect(view.recent.bytes).toBeLessThanOrEqual(3000);
    expect(view.recent.length).toBeGreaterThan(3);
    expect(view.recent.floor).toBe(view.revision - view.recent.length);
    expect(view.table(pods).recent.length).toBe(view.recent.length);
    const none = empty(0);
    change(none, 'a');
    expect(none.recent.floor).toBe(none.revision);
  });

  it.each([1, 2, 3])('shows every revision in memory as it was, whole and in pages, seed %i', (seed) => {
    const random = seededRandom(seed);
    const view = empty();
    const past = new Map<Revision, string[]>();
    for (let i = 0; i < 400; i++) {
      const name = `p${String(random.int(30))}`;
      const isThere = view.get({ ...pods, namespace: 'default', name }) !== undefined;
      change(view, name, isThere && random.int(2) === 0 ? 'delete' : undefined);
      past.set(view.revision, shown(pageNow(view.table(pods), everything).items));
    }
    for (const [at, expected] of past) {
      const limit = 1 + random.int(12);
      const seen: string[] = [];
      let startAfter: string | undefined;
      for (;;) {
        const page = pageAt(view.table(pods), at, { ...everything, limit, startAfter });
        seen.push(...shown(page.items));
        if (page.next === undefined) break;
        expect(page.next.remaining).toBe(expected.length - seen.length);
        startAfter = page.next.lastKey;
      }
      expect(seen).toEqual(expected);
      const name = `p${String(random.int(30))}`;
      const one = objectAt(view.table(pods), keyText({ ...pods, namespace: 'default', name }), at);
      expect(one === undefined ? undefined : `${name}@${String(one.revision)}`).toBe(
        expected.find((s) => s.startsWith(`${name}@`)),
      );
    }
  });

  it('scans one namespace without the others, cheaply among 150,000 objects', () => {
    const view = new View({ revision: revision(0), recentBytes: 1 << 20 });
    const table = view.table(pods);
    const objects = Array.from({ length: 150_000 }, (_, i) => {
      const key = { ...pods, namespace: `ns-${String(i % 300)}`, name: `pod-${String(i)}` };
      return table.stored(keyText(key), revision(1), Buffer.alloc(0), key);
    });
    table.load(objects);
    expect(table.count).toBe(150_000);
    let visited = 0;
    const match = (): boolean => ++visited > 0;
    expect(pageNow(table, { ...everything, namespace: 'ns-7', match }).items).toHaveLength(500);
    expect(visited).toBe(500);
    const page = pageNow(table, { ...everything, limit: 500 });
    expect(page.next?.remaining).toBe(149_500);
    for (let i = 0; i < 1000; i++) change(view, `new-${String(i)}`);
    expect(table.count).toBe(151_000);
  });
});
