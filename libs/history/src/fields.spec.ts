import { type KubeObject, jsonEqual } from '@reckon/api/machinery';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlameFold, leavesOf } from './blame';
import { fieldChanges } from './field-changes';
import type { HistoryEntry } from './history-entry';
import { jsonPatch } from './json-patch';
import type { Shape } from './list-shape';
import { maskSecret } from './mask-secrets';
import { applyPatch } from './testing/apply-patch.suite';

const runs = { numRuns: 300 };

/** Lists called `named` are maps by `name`, `ports` by two keys. */
const shape: Shape = {
  listType: { type: 'atomic' },
  patchMergeKey: '',
  item: undefined,
  child: (name) => ({
    ...shape,
    listType: name === 'ports' ? { type: 'map', keys: ['port', 'protocol'] } : { type: 'atomic' },
    patchMergeKey: name === 'named' ? 'name' : '',
    item: shape,
  }),
};
const lines = (before: unknown, after: unknown): string[] =>
  fieldChanges(before, after, shape).map((c) => `${c.path}: ${JSON.stringify(c.before)} → ${JSON.stringify(c.after)}`);

const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(0, 1, 'a', 'b', true, null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'x.y/z', '~', 'named', ''), tie('value'), { maxKeys: 4 }),
    fc.record({
      named: fc.array(fc.record({ name: fc.constantFrom('p', 'q', 'r'), v: tie('value') }), { maxLength: 4 }),
    }),
  ),
})).value;
const object = fc.dictionary(fc.constantFrom('spec', 'status', 'named', 'ports'), json, { maxKeys: 4 });

describe('changes of fields', () => {
  it('are told by path, from what to what', () => {
    const before = {
      spec: { replicas: 3, old: { a: 1 } },
      metadata: { labels: { app: 'x' }, resourceVersion: '1', managedFields: [] },
    };
    const after = {
      spec: { replicas: 5 },
      metadata: { labels: { app: 'x', 'app.kubernetes.io/name': 'y' }, resourceVersion: '2' },
      status: { ok: true },
    };
    expect(lines(before, after)).toEqual([
      'spec.replicas: 3 → 5',
      'spec.old: {"a":1} → undefined',
      'metadata.labels[app.kubernetes.io/name]: undefined → "y"',
      'status: undefined → {"ok":true}',
    ]);
  });

  it('name elements by merge key where there is one, else by position', () => {
    const before = {
      named: [
        { name: 'a', v: 1 },
        { name: 'b', v: 1 },
      ],
      other: [{ v: 1 }],
      args: ['x'],
    };
    const after = {
      named: [
        { name: 'c', v: 3 },
        { name: 'b', v: 2 },
      ],
      other: [{ v: 2 }, { v: 3 }],
      args: ['x', 'y'],
    };
    expect(lines(before, after)).toEqual([
      'named[name=c]: undefined → {"name":"c","v":3}',
      'named[name=b].v: 1 → 2',
      'named[name=a]: {"name":"a","v":1} → undefined',
      'other[0].v: 1 → 2',
      'other[1]: undefined → {"v":3}',
      'args: ["x"] → ["x","y"]',
    ]);
    expect(lines({ ports: [{ port: 1, protocol: 'TCP' }] }, { ports: [{ port: 1, protocol: 'UDP' }] })).toEqual([
      'ports[port=1,protocol=UDP]: undefined → {"port":1,"protocol":"UDP"}',
      'ports[port=1,protocol=TCP]: {"port":1,"protocol":"TCP"} → undefined',
    ]);
    expect(lines({ named: [{ name: 'a' }, { name: 'b' }] }, { named: [{ name: 'b' }, { name: 'a' }] })).toEqual([
      'named (order): "[name=a][name=b]" → "[name=b][name=a]"',
    ]);
    // Two of one name: by position.
    expect(lines({ named: [{ name: 'a' }, { name: 'a', v: 1 }] }, { named: [{ name: 'a' }] })).toEqual([
      'named[1]: {"name":"a","v":1} → undefined',
    ]);
  });

  it('are none exactly when nothing differs', () => {
    fc.assert(
      fc.property(object, object, (a, b) => {
        expect(fieldChanges(a, structuredClone(a), shape)).toEqual([]);
        expect(fieldChanges(a, b, shape).length === 0).toBe(jsonEqual(a, b));
      }),
      runs,
    );
  });
});

describe('a JSON patch', () => {
  it('makes the new of the old', () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        expect(applyPatch(a, jsonPatch(a, b))).toEqual(b);
      }),
      runs,
    );
  });

  it('keeps what lists have in common, and is empty for equal states', () => {
    expect(jsonPatch({ l: [1, 2, 3] }, { l: [1, 3] })).toEqual([{ op: 'remove', path: '/l/1' }]);
    expect(jsonPatch({ l: [1, 3] }, { l: [1, 2, 3] })).toEqual([{ op: 'add', path: '/l/1', value: 2 }]);
    expect(jsonPatch({ 'a/b~': 1 }, { 'a/b~': 2 })).toEqual([{ op: 'replace', path: '/a~1b~0', value: 2 }]);
    expect(jsonPatch(undefined, { a: 1 })).toEqual([{ op: 'add', path: '', value: { a: 1 } }]);
    expect(jsonPatch({ a: 1 }, undefined)).toEqual([{ op: 'remove', path: '' }]);
    expect(jsonPatch({ a: [{}] }, { a: [{}] })).toEqual([]);
  });
});

describe('blame', () => {
  const entry = (revision: number, verb: HistoryEntry['verb'], actor: string, state: object): HistoryEntry => ({
    revision,
    at: `2026-01-01T00:00:0${String(revision)}.000Z`,
    verb,
    group: '',
    version: 'v1',
    resource: 'things',
    namespace: 'n',
    name: 'x',
    previous: verb === 'create' ? 0 : revision - 1,
    actor,
    agent: 'cli/1',
    manager: `${actor}-manager`,
    request: '',
    object: { metadata: {}, ...state },
  });
  const told = (entries: readonly HistoryEntry[]): string[] => {
    const fold = new BlameFold(() => shape);
    for (const each of entries) fold.add(each);
    return fold
      .fields()
      .map(
        ({ path, value, by }) =>
          `${path}=${JSON.stringify(value)} ${by === undefined ? 'older' : `${by.actor}@${String(by.revision)}`}`,
      );
  };

  it('names the last who set each field', () => {
    expect(
      told([
        entry(1, 'create', 'jane', { a: 1, b: 1, named: [{ name: 'p', v: 1 }] }),
        entry(2, 'update', 'bob', {
          a: 2,
          b: 1,
          named: [
            { name: 'q', v: 1 },
            { name: 'p', v: 1 },
          ],
        }),
        entry(3, 'update', 'eve', { a: 2, named: [{ name: 'p', v: 1 }] }),
        entry(4, 'update', 'eve', { a: 2, b: 1, named: [{ name: 'p', v: 1 }] }),
      ]),
    ).toEqual([
      'metadata={} jane@1',
      'a=2 bob@2',
      'b=1 eve@4',
      'named[name=p].name="p" jane@1',
      'named[name=p].v=1 jane@1',
    ]);
  });

  it('knows nobody for what is older than the history, and begins again after a delete', () => {
    expect(told([entry(5, 'update', 'bob', { a: 1, b: 1 }), entry(6, 'update', 'eve', { a: 1, b: 2 })])).toEqual([
      'metadata={} older',
      'a=1 older',
      'b=2 eve@6',
    ]);
    const again = [
      entry(1, 'create', 'jane', { a: 1 }),
      entry(2, 'delete', 'bob', { a: 1 }),
      entry(3, 'create', 'eve', { a: 1 }),
    ];
    expect(told(again)).toEqual(['metadata={} eve@3', 'a=1 eve@3']);
    expect(told(again.slice(0, 2))).toEqual(['metadata={} jane@1', 'a=1 jane@1']);
    expect(told([])).toEqual([]);
  });

  it('covers every leaf of the newest state, whatever came before', () => {
    fc.assert(
      fc.property(fc.array(object, { minLength: 1, maxLength: 6 }), (states) => {
        const fold = new BlameFold(() => shape);
        states.forEach((state, i) => {
          fold.add(entry(i + 1, i === 0 ? 'create' : 'update', 'jane', state));
        });
        const newest = { metadata: {}, ...states.at(-1) };
        expect(new Map(fold.fields().map(({ path, value }) => [path, value]))).toEqual(leavesOf(newest, shape));
        for (const { by, path, value } of fold.fields()) {
          const setter = states[(by?.revision ?? 0) - 1];
          expect(leavesOf({ metadata: {}, ...setter }, shape).get(path)).toEqual(value);
        }
      }),
      runs,
    );
  });
});

describe('a masked Secret', () => {
  const secret = (password: string): Parameters<typeof maskSecret>[0] & object => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      annotations: { note: 'x', 'kubectl.kubernetes.io/last-applied-configuration': `{"data":"${password}"}` },
    },
    data: { password: Buffer.from(password).toString('base64'), same: 'YQ==' },
  });

  it('shows that a value changed and how long it is, nothing more', () => {
    const after = maskSecret(secret('correct horse'), secret('x'));
    expect(after).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        annotations: { note: 'x', 'kubectl.kubernetes.io/last-applied-configuration': '<changed, 24 bytes>' },
      },
      data: { password: '<changed, 13 bytes>', same: '<1 byte>' },
    });
    expect(JSON.stringify(maskSecret(secret('correct horse')))).not.toContain('correct');
    expect(lines(maskSecret(secret('x')), after)[1]).toBe('data.password: "<1 byte>" → "<changed, 13 bytes>"');
  });

  it('leaves anything else as it is', () => {
    const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: {}, data: { a: 'b' } };
    expect(maskSecret(map)).toBe(map);
    const absent = maskSecret<KubeObject | undefined>(undefined);
    expect(absent).toBeUndefined();
  });
});
