import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKindRegistry } from '@reckon/api/kinds';
import { statusOf } from '../testing/registry-fixture.suite';
import { applyStrategicMerge } from './strategic-merge';

const { types } = createKindRegistry();
type Json = Record<string, unknown>;

const merge = (struct: string, original: object, patch: object): Json =>
  applyStrategicMerge(types, structuredClone(original) as Json, structuredClone(patch) as Json, {
    kind: 'struct',
    struct,
    goName: struct.slice(struct.lastIndexOf('/') + 1),
  });
const podSpec = (original: object, patch: object): Json => merge('core/v1.PodSpec', original, patch);
const named = (...names: string[]): Json[] => names.map((name) => ({ name }));

describe('strategic merge', () => {
  it.each<{ what: string; struct?: string; original: object; patch: object; result: object }>([
    {
      what: 'merges objects member by member and removes by null',
      original: { nodeName: 'n', securityContext: { runAsUser: 1, fsGroup: 2 } },
      patch: { nodeName: null, securityContext: { fsGroup: null, runAsGroup: 3 } },
      result: { securityContext: { runAsUser: 1, runAsGroup: 3 } },
    },
    {
      what: 'merges items by their key, those of the patch in its order, others before what they stood before',
      original: {
        containers: [
          { name: 'a', image: '1' },
          { name: 'b', image: '1' },
        ],
      },
      patch: {
        containers: [
          { name: 'c', image: '1' },
          { name: 'b', image: '2' },
        ],
      },
      result: {
        containers: [
          { name: 'c', image: '1' },
          { name: 'a', image: '1' },
          { name: 'b', image: '2' },
        ],
      },
    },
    {
      what: 'merges lists inside items',
      original: {
        containers: [
          {
            name: 'a',
            env: [
              { name: 'X', value: '1' },
              { name: 'Y', value: '1' },
            ],
          },
        ],
      },
      patch: {
        containers: [
          {
            name: 'a',
            env: [
              { name: 'Y', value: '2' },
              { name: 'X', $patch: 'delete' },
            ],
          },
        ],
      },
      result: { containers: [{ name: 'a', env: [{ name: 'Y', value: '2' }] }] },
    },
    {
      what: 'replaces lists without a strategy',
      original: { containers: [{ name: 'a', args: ['1', '2'] }] },
      patch: { containers: [{ name: 'a', args: ['3'] }] },
      result: { containers: [{ name: 'a', args: ['3'] }] },
    },
    {
      what: 'replaces a list when told to',
      original: { containers: named('a', 'b') },
      patch: { containers: [{ $patch: 'replace' }, { name: 'c' }] },
      result: { containers: named('c') },
    },
    {
      what: 'replaces and deletes objects when told to',
      original: { securityContext: { runAsUser: 1 }, affinity: { nodeAffinity: {} } },
      patch: { securityContext: { $patch: 'replace', fsGroup: 2 }, affinity: { $patch: 'delete' } },
      result: { securityContext: { fsGroup: 2 }, affinity: {} },
    },
    {
      what: 'keeps only the retained keys',
      original: { volumes: [{ name: 'v', emptyDir: {}, extra: 1 }] },
      patch: { volumes: [{ name: 'v', $retainKeys: ['name', 'hostPath'], hostPath: { path: '/x' } }] },
      result: { volumes: [{ name: 'v', hostPath: { path: '/x' } }] },
    },
    {
      what: 'orders a list without changing it',
      original: { containers: named('a', 'b', 'c') },
      patch: { '$setElementOrder/containers': named('c', 'a') },
      result: { containers: named('b', 'c', 'a') },
    },
    {
      what: 'merges and orders at once, others staying where they were',
      original: { containers: [{ name: 'a' }, { name: 's' }, { name: 'b' }] },
      patch: {
        '$setElementOrder/containers': named('b', 'n', 'a'),
        containers: [
          { name: 'n', image: 'x' },
          { name: 'a', image: 'y' },
        ],
      },
      result: { containers: [{ name: 's' }, { name: 'b' }, { name: 'n', image: 'x' }, { name: 'a', image: 'y' }] },
    },
    {
      what: 'takes values out of a list that is replaced as a whole',
      struct: 'core/v1.Container',
      original: { args: ['x', 'y'] },
      patch: { '$deleteFromPrimitiveList/args': ['x'] },
      result: { args: ['y'] },
    },
    {
      what: 'takes values out of a list of scalars, and adds without doubling',
      struct: 'meta/v1.ObjectMeta',
      original: { finalizers: ['a', 'b'] },
      patch: { '$deleteFromPrimitiveList/finalizers': ['a'], finalizers: ['b', 'c'] },
      result: { finalizers: ['b', 'c'] },
    },
    {
      what: 'has nothing to take out where there is no list',
      struct: 'meta/v1.ObjectMeta',
      original: {},
      patch: { '$deleteFromPrimitiveList/finalizers': ['a'], labels: { a: null, b: 'c' } },
      result: { labels: { b: 'c' } },
    },
    {
      what: 'leaves no directives in what is new',
      original: {},
      patch: {
        containers: [
          { name: 'a', env: [{ name: 'X', $patch: 'delete' }, { name: 'Y' }] },
          { name: 'b', $patch: 'delete' },
        ],
      },
      result: { containers: [{ name: 'a', env: [{ name: 'Y' }] }] },
    },
    {
      what: 'replaces what has another type',
      struct: 'core/v1.ServiceSpec',
      original: { ports: [{ port: 80, targetPort: 80 }] },
      patch: { ports: [{ port: 80, targetPort: 'http' }] },
      result: { ports: [{ port: 80, targetPort: 'http' }] },
    },
  ])('$what', ({ struct, original, patch, result }) => {
    expect(merge(struct ?? 'core/v1.PodSpec', original, patch)).toEqual(result);
  });

  it.each<{ what: string; original?: object; patch: object; status: object; struct?: string }>([
    {
      what: 'an item without its key',
      patch: { containers: [{ image: 'x', ports: [{ containerPort: 1 }] }] },
      status: {
        code: 500,
        reason: undefined,
        message: 'map: map[image:x ports:[map[containerPort:1]]] does not contain declared merge key: name',
      },
    },
    {
      what: 'a deletion without a key',
      patch: { containers: [{ $patch: 'delete' }] },
      status: { code: 500, message: 'map: map[$patch:delete] does not contain declared merge key: name' },
    },
    {
      what: 'an unknown directive',
      patch: { containers: [{ name: 'a', $patch: 'frob' }] },
      status: { code: 500, message: 'unknown patch type: frob in map: map[$patch:frob name:a]' },
    },
    {
      what: 'an unknown directive for an object',
      original: { securityContext: {} },
      patch: { securityContext: { $patch: 'frob' } },
      status: { code: 500, message: 'unknown patch type: frob in map: map[$patch:frob]' },
    },
    {
      what: 'merging a list explicitly',
      patch: { containers: [{ $patch: 'merge' }] },
      status: { code: 500, message: 'merging lists cannot yet be specified in the patch' },
    },
    {
      what: 'retained keys that are no list',
      patch: { $retainKeys: 'x' },
      status: { code: 400, reason: 'BadRequest', message: 'invalid patch format of retainKeys' },
    },
    {
      what: 'a member that is not retained',
      patch: { $retainKeys: ['nodeName'], hostname: 'h' },
      status: { code: 400, message: 'invalid patch format of retainKeys' },
    },
    {
      what: 'items of several kinds',
      patch: { containers: [{ name: 'a' }, 'b'] },
      status: { code: 500, message: expect.stringMatching(/^list element types are not identical: /) },
    },
    {
      what: 'lists of lists',
      original: { containers: [[]] },
      patch: { containers: [[]] },
      status: { code: 422, reason: 'Invalid' },
    },
    {
      what: 'a list among objects',
      original: { containers: named('x') },
      patch: { containers: [[]] },
      status: { code: 500, message: 'list element types are not identical: [[map[name:x]] [[]]]' },
    },
    {
      what: 'an order that names no objects',
      original: { containers: named('x') },
      patch: { '$setElementOrder/containers': ['x'], containers: named('x') },
      status: { code: 500, message: 'expected a map[string]interface {}, but received a string' },
    },
    {
      what: 'a directive that is no word',
      original: { securityContext: {} },
      patch: { securityContext: { $patch: 1 } },
      status: { code: 500, message: 'unknown patch type: %!s(int64=1) in map: map[$patch:1]' },
    },
    {
      what: 'items out of the order given',
      patch: { '$setElementOrder/containers': named('x', 'y'), containers: named('y', 'x') },
      status: {
        code: 500,
        message: expect.stringMatching(
          /^The order in patch list:\n\[map\[name:y\] map\[name:x\]\]\n doesn't match \$setElementOrder list:/,
        ),
      },
    },
    {
      what: 'a field of free-form data',
      struct: 'apps/v1.ControllerRevision',
      original: { data: { a: { b: 1 } } },
      patch: { data: { a: { b: 2 } } },
      status: { code: 500, message: 'unable to find api field in struct RawExtension for the json field "a"' },
    },
  ])('refuses $what', async ({ struct, original, patch, status }) => {
    const run = (): Json => merge(struct ?? 'core/v1.PodSpec', original ?? { containers: named('a', 'x') }, patch);
    expect(await statusOf(run)).toMatchObject(status);
  });

  it('takes __proto__ for a member like any other', () => {
    const result = podSpec({}, JSON.parse('{"__proto__":{"polluted":"yes"}}') as object);
    expect(JSON.stringify(result)).toBe('{"__proto__":{"polluted":"yes"}}');
    expect(({} as Json)['polluted']).toBeUndefined();
  });
});

describe('a strategic patch made of two objects', () => {
  interface Item extends Json {
    readonly name: string;
  }
  /** Members that go are null, items that go say so, and the order is told; what kubectl sends. */
  function diff(from: readonly Item[], to: readonly Item[]): Json {
    const gone = from.filter((item) => !to.some(({ name }) => name === item.name));
    const changed = to.map((item) => {
      const before = from.find(({ name }) => name === item.name) ?? {};
      const removed = Object.keys(before).filter((key) => !Object.hasOwn(item, key));
      return { ...item, ...Object.fromEntries(removed.map((key) => [key, null])) };
    });
    return {
      '$setElementOrder/containers': to.map(({ name }) => ({ name })),
      containers: [...changed, ...gone.map(({ name }) => ({ name, $patch: 'delete' }))],
    };
  }
  const value = fc.constantFrom('1', '2');
  const items = fc.uniqueArray(
    fc.record(
      { name: fc.constantFrom('a', 'b', 'c', 'd'), image: value, workingDir: value },
      { requiredKeys: ['name'], noNullPrototype: true },
    ),
    { selector: ({ name }) => name, minLength: 1 },
  );

  it('makes the second of the first', () => {
    fc.assert(
      fc.property(items, items, (from, to) => {
        expect(podSpec({ containers: from }, diff(from, to))).toEqual({ containers: to });
      }),
    );
  });
});
