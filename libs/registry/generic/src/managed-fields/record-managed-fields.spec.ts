import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKindRegistry, openStructType } from '@reckon/api/kinds';
import type { KubeObject, ManagedFieldsEntry } from '@reckon/api/machinery';
import { compareObjects } from './compare-objects';
import { type FieldSet, difference, isFieldSet, union } from './field-set';
import { type FieldPlan, createManagedFieldsTypes } from './managed-fields-type';
import { type RecordOptions, recordManagedFields } from './record-managed-fields';

const kinds = createKindRegistry();
const typeOf = createManagedFieldsTypes(kinds);
const pods = typeOf(kinds.types.struct('core/v1.Pod'));
const services = typeOf(kinds.types.struct('core/v1.Service'));
const maps = typeOf(kinds.types.struct('core/v1.ConfigMap'));

const start = Date.parse('2026-01-01T00:00:00Z');
const at = (manager: string, second = 0, overrides: Partial<RecordOptions> = {}): RecordOptions => ({
  manager,
  subresource: '',
  apiVersion: 'v1',
  nowMs: start + second * 1000,
  resetFields: undefined,
  ...overrides,
});
const map = (data: Record<string, string>, metadata: KubeObject['metadata'] = { name: 'a' }): KubeObject => ({
  kind: 'ConfigMap',
  apiVersion: 'v1',
  metadata: { ...metadata },
  data,
});

/** `next` written over `previous` by the manager. */
function write(
  type: typeof pods,
  previous: KubeObject | undefined,
  next: KubeObject,
  options: RecordOptions,
): KubeObject {
  const copy = structuredClone(next);
  copy.metadata.managedFields ??= previous?.metadata.managedFields ?? [];
  if (previous === undefined && next.metadata.managedFields === undefined) delete copy.metadata.managedFields;
  recordManagedFields(type, previous, copy, options);
  return copy;
}

const owners = (object: KubeObject): Record<string, FieldSet> =>
  Object.fromEntries(
    (object.metadata.managedFields ?? []).map((entry) => [
      [entry.manager, entry.subresource].filter((part) => part !== undefined).join('/'),
      entry.fieldsV1 as FieldSet,
    ]),
  );

describe('managedFields', () => {
  describe('of lists whose items share a key or have none', () => {
    const pod = (...env: object[]): KubeObject => ({
      kind: 'Pod',
      apiVersion: 'v1',
      metadata: { name: 'p' },
      spec: { containers: [{ name: 'm', env }] },
    });
    const envOf = (object: KubeObject, manager: string): unknown => {
      const spec = owners(object)[manager]?.['f:spec'];
      return spec?.['f:containers']?.['k:{"name":"m"}']?.['f:env'];
    };
    const single = { name: 'A', value: '1' };
    const other = { name: 'A', value: '2' };

    it('takes an item from its owner field by field when it becomes two, and the two together when they become one', () => {
      const one = write(pods, undefined, pod(single), at('first'));
      expect(envOf(one, 'first')).toEqual({ '.': {}, 'k:{"name":"A"}': { '.': {}, 'f:name': {}, 'f:value': {} } });
      const two = write(pods, one, pod(single, other), at('second'));
      expect([envOf(two, 'first'), envOf(two, 'second')]).toEqual([{}, { 'k:{"name":"A"}': {} }]);
      const again = write(pods, two, pod(other), at('third'));
      expect(envOf(again, 'second')).toBeUndefined();
      expect(envOf(again, 'third')).toEqual({ 'k:{"name":"A"}': { '.': {}, 'f:name': {}, 'f:value': {} } });
    });

    it('leaves two as they are while they are the same, and takes them whole when they change', () => {
      const two = write(pods, undefined, pod(single, other), at('first'));
      expect(envOf(write(pods, two, pod(single, other), at('second')), 'second')).toBeUndefined();
      const changed = write(pods, two, pod(other, single), at('second'));
      expect([envOf(changed, 'first'), envOf(changed, 'second')]).toEqual([{}, { 'k:{"name":"A"}': {} }]);
    });

    it('takes a key that is left out for its default, which may be empty', () => {
      const object = pod();
      object['spec'] = { imagePullSecrets: [{}] };
      expect(owners(write(pods, undefined, object, at('m')))['m']).toEqual({
        'f:spec': { 'f:imagePullSecrets': { '.': {}, 'k:{"name":""}': {} } },
      });
    });

    it('leaves a key without default out, and all owners where an item has no key', () => {
      const claims = typeOf(kinds.types.struct('resource/v1.ResourceClaim'));
      const claim = (devices: object[]): KubeObject => ({
        kind: 'ResourceClaim',
        apiVersion: 'resource.k8s.io/v1',
        metadata: { name: 'c' },
        status: { devices },
      });
      const device = { driver: 'd', pool: 'p', device: 'x', data: { any: { thing: 1 } } };
      const [own] = Object.values(
        owners(write(claims, undefined, claim([device]), at('m', 0, { subresource: 'status' }))),
      );
      expect(own?.['f:status']?.['f:devices']).toEqual({
        '.': {},
        'k:{"device":"x","driver":"d","pool":"p"}': {
          '.': {},
          'f:data': {},
          'f:device': {},
          'f:driver': {},
          'f:pool': {},
        },
      });

      const accounts = typeOf(kinds.types.struct('core/v1.ServiceAccount'));
      const account = (secrets: object[]): KubeObject => ({
        kind: 'ServiceAccount',
        apiVersion: 'v1',
        metadata: { name: 's' },
        secrets,
      });
      const before = write(accounts, undefined, account([{ name: 'a' }]), at('m'));
      expect(before.metadata.managedFields).toHaveLength(1);
      const after = write(accounts, before, account([{ name: 'a' }, { namespace: 'n' }]), at('m'));
      expect(after.metadata.managedFields).toBeUndefined();
    });
  });

  it('gives the creator all that is not Go’s zero value, lists by their type', () => {
    const created = write(
      pods,
      undefined,
      {
        kind: 'Pod',
        apiVersion: 'v1',
        metadata: { name: 'p', namespace: 'ns', generateName: 'p-', labels: { b: '1', a: '2' }, finalizers: ['x.y/z'] },
        spec: {
          containers: [
            {
              name: 'm',
              image: 'i',
              args: ['a', 'b'],
              resources: {},
              ports: [
                { containerPort: 443, protocol: 'TCP' },
                { containerPort: 80, protocol: 'TCP', name: 'http' },
              ],
            },
          ],
          nodeSelector: { disk: 'ssd' },
          securityContext: {},
        },
        status: { phase: 'Pending' },
      },
      at('creator'),
    );
    expect(created.metadata.managedFields).toEqual([
      expect.objectContaining({
        manager: 'creator',
        operation: 'Update',
        apiVersion: 'v1',
        time: '2026-01-01T00:00:00Z',
        fieldsType: 'FieldsV1',
      }),
    ]);
    // As text: the order counts.
    expect(JSON.stringify(owners(created)['creator'])).toBe(
      JSON.stringify({
        'f:metadata': {
          'f:finalizers': { '.': {}, 'v:"x.y/z"': {} },
          'f:generateName': {},
          'f:labels': { '.': {}, 'f:a': {}, 'f:b': {} },
        },
        'f:spec': {
          'f:containers': {
            'k:{"name":"m"}': {
              '.': {},
              'f:args': {},
              'f:image': {},
              'f:name': {},
              'f:ports': {
                '.': {},
                'k:{"containerPort":80,"protocol":"TCP"}': {
                  '.': {},
                  'f:containerPort': {},
                  'f:name': {},
                  'f:protocol': {},
                },
                'k:{"containerPort":443,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {}, 'f:protocol': {} },
              },
              'f:resources': {},
            },
          },
          'f:nodeSelector': {},
          'f:securityContext': {},
        },
      }),
    );
  });

  it('takes the default for a list key that is left out', () => {
    const created = write(
      services,
      undefined,
      { metadata: { name: 's' }, spec: { ports: [{ port: 53, targetPort: 53 }] } },
      at('creator'),
    );
    expect(
      Object.keys((owners(created)['creator'] as { 'f:spec': { 'f:ports': FieldSet } })['f:spec']['f:ports']),
    ).toEqual(['.', 'k:{"port":53,"protocol":"TCP"}']);
  });

  it('owns free-form data member by member, but a revision’s as a whole', () => {
    const revisions = typeOf(kinds.types.struct('apps/v1.ControllerRevision'));
    const created = write(
      revisions,
      undefined,
      { metadata: { name: 'r' }, data: { x: { y: 1 } }, revision: 1 },
      at('one'),
    );
    expect(owners(created)).toEqual({ one: { 'f:data': {}, 'f:revision': {} } });
    const open = typeOf(openStructType(kinds.types, 'Widget'));
    const widget = write(
      open,
      undefined,
      { metadata: { name: 'w' }, spec: { size: 3, tags: ['a'], inner: {} } },
      at('one'),
    );
    expect(owners(widget)).toEqual({
      one: { 'f:spec': { '.': {}, 'f:inner': {}, 'f:size': {}, 'f:tags': {} } },
    });
  });

  it('moves what a manager changes or adds to it, and forgets what it removes', () => {
    const created = write(maps, undefined, map({ a: '1', b: '1', c: '1' }), at('one'));
    const changed = write(maps, created, map({ a: '1', b: '2', d: '1' }), at('two', 5));
    expect(owners(changed)).toEqual({
      one: { 'f:data': { '.': {}, 'f:a': {} } },
      two: { 'f:data': { 'f:b': {}, 'f:d': {} } },
    });
    expect(changed.metadata.managedFields?.map((entry) => entry.time)).toEqual([
      '2026-01-01T00:00:00Z',
      '2026-01-01T00:00:05Z',
    ]);
    const emptied = write(
      maps,
      changed,
      { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a' } },
      at('two', 9),
    );
    expect(emptied.metadata.managedFields).toBeUndefined();
  });

  it('adds to the entry of the same manager and moves its time only when a value changed', () => {
    const created = write(maps, undefined, map({ a: '1', b: '1' }), at('one'));
    const added = write(maps, created, map({ a: '1', b: '1', c: '1' }), at('one', 3));
    expect(owners(added)).toEqual({ one: { 'f:data': { '.': {}, 'f:a': {}, 'f:b': {}, 'f:c': {} } } });
    expect(added.metadata.managedFields?.[0]?.time).toBe('2026-01-01T00:00:03Z');
    const removed = write(maps, added, map({ a: '1' }), at('one', 6));
    expect(owners(removed)).toEqual({ one: { 'f:data': { '.': {}, 'f:a': {} } } });
    expect(removed.metadata.managedFields?.[0]?.time).toBe('2026-01-01T00:00:03Z');
    expect(write(maps, removed, map({ a: '1' }), at('two', 9)).metadata.managedFields).toEqual(
      removed.metadata.managedFields,
    );
  });

  it('keeps apart what came through another version or subresource', () => {
    const created = write(maps, undefined, map({ a: '1' }), at('one'));
    const other = write(maps, created, map({ a: '1', b: '1' }), at('one', 1, { apiVersion: 'v2' }));
    const both = write(maps, other, map({ a: '1', b: '1', c: '1' }), at('one', 1, { subresource: 'status' }));
    expect(both.metadata.managedFields?.map(({ apiVersion, subresource }) => [apiVersion, subresource])).toEqual([
      ['v1', undefined],
      ['v1', 'status'],
      ['v2', undefined],
    ]);
  });

  it('gives nobody what the resource resets', () => {
    const pod = (phase: string, node: string): KubeObject => ({
      metadata: { name: 'p' },
      spec: { containers: null, nodeName: node },
      status: { phase },
    });
    const created = write(pods, undefined, pod('Pending', 'n1'), at('one'));
    expect(owners(created)).toEqual({ one: { 'f:spec': { 'f:nodeName': {} } } });
    const status = write(pods, created, pod('Running', 'n2'), at('two', 1, { subresource: 'status' }));
    expect(owners(status)).toEqual({ one: owners(created)['one'], 'two/status': { 'f:status': { 'f:phase': {} } } });
    const own = write(
      pods,
      created,
      pod('Running', 'n2'),
      at('two', 1, {
        resetFields: [
          ['spec', 'nodeName'],
          ['status', 'phase'],
        ],
      }),
    );
    expect(owners(own)).toEqual(owners(created));
  });

  it.each<[string, ManagedFieldsEntry[]]>([
    ['[]', []],
    ['[{}]', [{}]],
  ])('stops tracking when a client resets them with %s', (_text, managedFields) => {
    const created = write(maps, undefined, map({ a: '1' }), at('one'));
    const reset = write(maps, created, map({ a: '2' }, { name: 'a', managedFields }), at('two'));
    expect(owners(reset)).toEqual({ two: undefined });
  });

  it('never begins to track an object that has none', () => {
    const created = map({});
    const updated = structuredClone(map({ a: '1' }));
    recordManagedFields(maps, created, updated, at('two'));
    expect(updated.metadata.managedFields).toBeUndefined();
  });

  it.each<[string, ManagedFieldsEntry]>([
    ['an unknown operation', { manager: 'x', operation: 'Frob', fieldsType: 'FieldsV1', fieldsV1: {} }],
    ['another type', { manager: 'x', operation: 'Update', fieldsType: 'V9', fieldsV1: {} }],
    [
      'elements that are none',
      { manager: 'x', operation: 'Update', fieldsType: 'FieldsV1', fieldsV1: { 'f:a': { __proto: {} } } },
    ],
    [
      'a prototype',
      {
        manager: 'x',
        operation: 'Update',
        fieldsType: 'FieldsV1',
        fieldsV1: JSON.parse('{"__proto__":{}}') as FieldSet,
      },
    ],
  ])('goes on from the stored ones when a client sends %s', (_what, entry) => {
    const created = write(maps, undefined, map({ a: '1' }), at('one'));
    const updated = write(maps, created, map({ a: '2' }, { name: 'a', managedFields: [entry] }), at('two', 1));
    expect(owners(updated)).toEqual({ one: { 'f:data': {} }, two: { 'f:data': { 'f:a': {} } } });
  });

  it('takes what a client says of them, but not through a subresource', () => {
    const created = write(maps, undefined, map({ a: '1' }), at('one'));
    const renamed = (created.metadata.managedFields ?? []).map((entry) => ({ ...entry, manager: 'new' }));
    const next = map({ a: '1' }, { name: 'a', managedFields: renamed });
    expect(Object.keys(owners(write(maps, created, next, at('one'))))).toEqual(['new']);
    expect(Object.keys(owners(write(maps, created, next, at('one', 0, { subresource: 'status' }))))).toEqual(['one']);
  });

  it('merges the oldest of more than ten updaters', () => {
    let object = write(maps, undefined, map({ k0: '0' }), at('m0'));
    const data: Record<string, string> = { k0: '0' };
    for (let i = 1; i < 13; i++) {
      data[`k${String(i)}`] = '0';
      object = write(maps, object, map(data), at(`m${String(i)}`, i));
    }
    const managers = (object.metadata.managedFields ?? []).map((entry) => entry.manager);
    expect(managers).toEqual(['ancient-changes', ...Array.from({ length: 9 }, (_, i) => `m${String(i + 4)}`)]);
    expect(owners(object)['ancient-changes']).toEqual({
      'f:data': { '.': {}, 'f:k0': {}, 'f:k1': {}, 'f:k2': {}, 'f:k3': {} },
    });
    expect(object.metadata.managedFields?.[0]?.time).toBe('2026-01-01T00:00:03Z');
  });
});

describe('field sets', () => {
  const plan: FieldPlan = pods.plan;
  const value = fc.record(
    {
      metadata: fc.record(
        { labels: fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2'), { noNullPrototype: true }) },
        { noNullPrototype: true },
      ),
      spec: fc.record(
        {
          nodeName: fc.constantFrom('n1', 'n2'),
          containers: fc.uniqueArray(
            fc.record(
              { name: fc.constantFrom('x', 'y', 'z'), image: fc.constantFrom('1', '2') },
              { requiredKeys: ['name'], noNullPrototype: true },
            ),
            { selector: (c) => c.name, maxLength: 3 },
          ),
        },
        { requiredKeys: [], noNullPrototype: true },
      ),
    },
    { requiredKeys: [], noNullPrototype: true },
  );

  it('hold exactly the difference: what one adds the way back removes', () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        const there = compareObjects(plan, a, b);
        const back = compareObjects(plan, b, a);
        for (const set of [there.changed, there.removed]) if (set !== undefined) expect(isFieldSet(set)).toBe(true);
        // Values that changed are in `changed` both ways; the rest turns around.
        const oneWay = (x: FieldSet | undefined, y: FieldSet | undefined): FieldSet | undefined =>
          x === undefined ? undefined : y === undefined ? x : difference(x, y);
        expect(oneWay(there.changed, back.changed)).toEqual(oneWay(back.removed, back.changed));
        expect(compareObjects(plan, a, a)).toEqual({ changed: undefined, removed: undefined });
      }),
    );
  });

  it('lose nothing in a union and keep nothing in a difference with themselves', () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        const x = compareObjects(plan, {}, a).changed;
        const y = compareObjects(plan, {}, b).changed;
        if (x === undefined || y === undefined) return;
        const both = union(x, y);
        expect(difference(x, both)).toBeUndefined();
        expect(difference(both, both)).toBeUndefined();
        expect(JSON.stringify(union(y, x))).toBe(JSON.stringify(both));
        expect(difference(both, y)).toEqual(difference(x, y));
      }),
    );
  });
});
