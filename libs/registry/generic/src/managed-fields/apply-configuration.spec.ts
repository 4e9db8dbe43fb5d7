import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDecoder, createKindRegistry } from '@reckon/api/kinds';
import { type KubeObject, StatusError } from '@reckon/api/machinery';
import { type ApplyOptions, applyConfiguration } from './apply-configuration';
import { keepUnchangedTimes } from './keep-unchanged-times';
import { createManagedFieldsTypes } from './managed-fields-type';

const kinds = createKindRegistry();
const decoder = createDecoder(kinds);
const expected = { group: 'apps', version: 'v1', kind: 'Deployment' };
const typeOf = createManagedFieldsTypes(kinds);
const type = typeOf(kinds.types.struct('apps/v1.Deployment'));
const maps = typeOf(kinds.types.struct('core/v1.ConfigMap'));
const startMs = Date.UTC(2026, 0, 1);

const optionsOf = (manager: string, overrides: Partial<ApplyOptions> = {}): ApplyOptions => ({
  manager,
  subresource: '',
  apiVersion: 'apps/v1',
  nowMs: startMs,
  resetFields: undefined,
  isForced: false,
  formOf: (apiVersion) =>
    apiVersion === 'apps/v1' ? { plan: type.plan, to: (object) => object, from: (object) => object } : undefined,
  ...overrides,
});

const deployment = (rest: Record<string, unknown>, metadata: Record<string, unknown> = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'a', ...metadata },
  ...rest,
});

function apply(
  live: KubeObject | undefined,
  config: KubeObject,
  manager: string,
  overrides: Partial<ApplyOptions> = {},
): KubeObject {
  const { document, managedFields } = applyConfiguration(type, live, config, optionsOf(manager, overrides));
  const { object } = decoder.normalize(structuredClone(document), { expected, strict: false });
  delete object.metadata.managedFields;
  if (managedFields.length > 0) object.metadata.managedFields = managedFields;
  return object;
}

const owners = (object: KubeObject): Record<string, unknown> =>
  Object.fromEntries((object.metadata.managedFields ?? []).map((e) => [e.manager ?? '', e.fieldsV1]));

/** Go's zero value. */
const noSpec = { selector: null, strategy: {}, template: { metadata: {}, spec: { containers: null } } };

const messageOf = (run: () => unknown): unknown => {
  try {
    run();
  } catch (error) {
    if (error instanceof StatusError) return error.status;
    throw error;
  }
  return undefined;
};

const containers = (...items: unknown[]): KubeObject =>
  deployment({ spec: { template: { spec: { containers: items } } } });
const namesOf = (object: KubeObject): unknown => (containersOf(object) as { name: string }[]).map(({ name }) => name);
const containersOf = (object: KubeObject): unknown =>
  (object as { spec?: { template?: { spec?: { containers?: unknown } } } }).spec?.template?.spec?.containers;

describe('server-side apply', () => {
  it('owns what the configuration states, and containers of fields only where they are items or empty', () => {
    const object = apply(undefined, containers({ name: 'm', ports: [{ containerPort: 80 }], resources: {} }), 'one');
    expect(owners(object)['one']).toEqual({
      'f:spec': {
        'f:template': {
          'f:spec': {
            'f:containers': {
              'k:{"name":"m"}': {
                '.': {},
                'f:name': {},
                'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
                'f:resources': {},
              },
            },
          },
        },
      },
    });
  });

  it('refuses to change what others own, naming them and the fields', () => {
    const live = apply(undefined, deployment({ spec: { replicas: 1, paused: true } }), 'one');
    expect(messageOf(() => apply(live, deployment({ spec: { replicas: 2 } }), 'two'))).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      reason: 'Conflict',
      code: 409,
      message: 'Apply failed with 1 conflict: conflict with "one": .spec.replicas',
      details: {
        causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.spec.replicas' }],
      },
    });
    expect(messageOf(() => apply(live, deployment({ spec: { replicas: 2, paused: false } }), 'two'))).toMatchObject({
      message: 'Apply failed with 2 conflicts: conflicts with "one":\n- .spec.paused\n- .spec.replicas',
    });
  });

  it('says through what an updater wrote', () => {
    const live = deployment(
      { spec: { replicas: 1 } },
      {
        managedFields: [
          {
            manager: 'x"',
            operation: 'Update',
            apiVersion: 'apps/v1',
            subresource: 'scale',
            fieldsType: 'FieldsV1',
            fieldsV1: { 'f:spec': { 'f:replicas': {} } },
          },
        ],
      },
    );
    expect(messageOf(() => apply(live, deployment({ spec: { replicas: 2 } }), 'two'))).toMatchObject({
      message:
        'Apply failed with 1 conflict: conflict with "x\\"" with subresource "scale" using apps/v1: .spec.replicas',
    });
  });

  it('takes by force, and shares what is equal', () => {
    const live = apply(undefined, deployment({ spec: { replicas: 1, paused: true } }), 'one');
    const forced = apply(live, deployment({ spec: { replicas: 2 } }), 'two', { isForced: true });
    expect(owners(forced)).toEqual({
      one: { 'f:spec': { 'f:paused': {} } },
      two: { 'f:spec': { 'f:replicas': {} } },
    });
    const shared = apply(forced, deployment({ spec: { replicas: 2 } }), 'three');
    expect(owners(shared)['two']).toEqual(owners(shared)['three']);
    // Nothing changed, so there is no time of a change.
    expect(shared.metadata.managedFields?.find((e) => e.manager === 'three')?.time).toBeUndefined();
  });

  it('removes what it stated before, unless somebody else owns it', () => {
    const both = deployment({ spec: { replicas: 2, paused: true } });
    const live = apply(apply(undefined, both, 'one'), deployment({ spec: { paused: true } }), 'two');
    const dropped = apply(live, deployment({ spec: {} }), 'one');
    expect(dropped['spec']).toEqual({ ...noSpec, paused: true });
    expect(owners(dropped)).toEqual({ one: { 'f:spec': {} }, two: { 'f:spec': { 'f:paused': {} } } });
    expect(apply(dropped, deployment({}), 'two')['spec']).toEqual(noSpec);
  });

  it('removes its items of a list and leaves those of others, defaults beside them included', () => {
    const live = apply(
      apply(undefined, containers({ name: 'a', image: '1' }, { name: 'b' }), 'one'),
      containers({ name: 'a', tty: true }),
      'two',
    );
    expect(containersOf(apply(live, containers({ name: 'c' }), 'one'))).toEqual([
      { name: 'a', resources: {}, tty: true },
      { name: 'c', resources: {} },
    ]);
  });

  it.each<[string[], string[], string[]]>([
    [
      ['a', 'b'],
      ['b', 'a'],
      ['b', 'a'],
    ],
    [
      ['a', 'x', 'b', 'y', 'c'],
      ['c', 'a', 'n', 'b'],
      ['x', 'y', 'c', 'a', 'n', 'b'],
    ],
    [
      ['x', 'a'],
      ['n', 'a'],
      ['x', 'n', 'a'],
    ],
    [[], ['a'], ['a']],
    [['a'], [], ['a']],
  ])('puts %j and applied %j in order', (live, applied, expected) => {
    const items = (names: readonly string[]): unknown[] => names.map((name) => ({ name }));
    const start = containers(...items(live));
    expect(namesOf(apply(start, containers(...items(applied)), 'one'))).toEqual(expected);
  });

  it('merges sets by value and replaces atomic lists and maps', () => {
    const live = apply(
      undefined,
      deployment({ spec: { selector: { matchLabels: { a: '1' } } } }, { finalizers: ['x/a'] }),
      'one',
    );
    const next = apply(
      live,
      deployment({ spec: { selector: { matchLabels: { b: '1' } } } }, { finalizers: ['x/b'] }),
      'two',
      {
        isForced: true,
      },
    );
    expect(next.metadata.finalizers).toEqual(['x/a', 'x/b']);
    expect(next['spec']).toMatchObject({ selector: { matchLabels: { b: '1' } } });
    expect(JSON.stringify(next['spec'])).not.toContain('"a"');
    expect(owners(next)['one']).toEqual({ 'f:metadata': { 'f:finalizers': { 'v:"x/a"': {} } } });
  });

  it('takes null over an empty map for a change, as it does over any value', () => {
    const live = apply(undefined, deployment({ spec: { strategy: {} } }), 'a');
    expect(messageOf(() => apply(live, deployment({ spec: { strategy: null } }), 'b'))).toMatchObject({
      message: 'Apply failed with 1 conflict: conflict with "a": .spec.strategy',
    });
    const filled = apply(undefined, deployment({ spec: { replicas: 1 } }), 'a');
    expect(apply(filled, deployment({ spec: null }), 'b')['spec']).toMatchObject({ replicas: 1 });
  });

  it('gives what nobody was tracked on to before-first-apply', () => {
    const live = deployment({ spec: { replicas: 3 }, status: { replicas: 3 } });
    expect(owners(apply(live, deployment({ spec: { paused: true } }), 'one'))).toEqual({
      'before-first-apply': { 'f:spec': { 'f:replicas': {} } },
      one: { 'f:spec': { 'f:paused': {} } },
    });
  });

  it('lets kubectl apply over what it has applied client-side, and keeps the annotation in step', () => {
    const name = 'kubectl.kubernetes.io/last-applied-configuration';
    const last = JSON.stringify(deployment({ spec: { replicas: 1 } }));
    const live = deployment(
      { spec: { replicas: 1, paused: true } },
      {
        annotations: { [name]: last },
        managedFields: [
          {
            manager: 'kubectl-client-side-apply',
            operation: 'Update',
            apiVersion: 'apps/v1',
            fieldsType: 'FieldsV1',
            fieldsV1: { 'f:spec': { 'f:replicas': {}, 'f:paused': {} } },
          },
        ],
      },
    );
    const next = apply(live, deployment({ spec: { replicas: 2 } }), 'kubectl');
    expect(next['spec']).toEqual({ ...noSpec, replicas: 2, paused: true });
    expect(next.metadata.annotations?.[name]).toBe(
      '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a"},"spec":{"replicas":2}}\n',
    );
    expect(messageOf(() => apply(live, deployment({ spec: { paused: false } }), 'kubectl'))).toMatchObject({
      code: 409,
    });
    expect(messageOf(() => apply(live, deployment({ spec: { replicas: 2 } }), 'flux'))).toMatchObject({ code: 409 });
  });

  it('forgets who wrote in a version that is gone', () => {
    const live = deployment(
      { spec: { replicas: 1 } },
      {
        managedFields: [
          {
            manager: 'old',
            operation: 'Apply',
            apiVersion: 'apps/v0',
            fieldsType: 'FieldsV1',
            fieldsV1: { 'f:spec': { 'f:replicas': {} } },
          },
        ],
      },
    );
    expect(Object.keys(owners(apply(live, deployment({ spec: { replicas: 2 } }), 'one')))).toEqual(['one']);
  });

  it('keeps a member named __proto__ a member', () => {
    const config = JSON.parse(
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"__proto__":"x"}}',
    ) as KubeObject;
    const live = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { a: '1' } };
    const { document } = applyConfiguration(maps, live, config, optionsOf('one', { apiVersion: 'v1' }));
    expect(Object.keys(document['data'] as object).sort()).toEqual(['__proto__', 'a']);
  });
});

describe('any two appliers', () => {
  const names = fc.subarray(['a', 'b', 'c', 'd']);
  const configs = (prefix: string): fc.Arbitrary<KubeObject> =>
    fc.record({ labels: names, finalizers: names, items: names, image: fc.constantFrom('1', '2') }).map((c) =>
      deployment(
        c.items.length === 0
          ? {}
          : {
              spec: { template: { spec: { containers: c.items.map((n) => ({ name: prefix + n, image: c.image })) } } },
            },
        {
          ...(c.labels.length === 0 ? {} : { labels: Object.fromEntries(c.labels.map((n) => [prefix + n, c.image])) }),
          ...(c.finalizers.length === 0 ? {} : { finalizers: c.finalizers.map((n) => `x/${prefix}${n}`) }),
        },
      ),
    );
  const sorted = (object: KubeObject): unknown => {
    const clean = structuredClone(object);
    clean.metadata.finalizers?.sort();
    (containersOf(clean) as { name: string }[] | null | undefined)?.sort((a, b) => (a.name < b.name ? -1 : 1));
    return clean;
  };

  it('get the same from a second apply', () => {
    fc.assert(
      fc.property(configs(''), configs(''), configs(''), (first, second, other) => {
        const live = apply(apply(undefined, first, 'one'), other, 'two', { isForced: true });
        const once = apply(live, second, 'one', { isForced: true });
        const again = apply(once, second, 'one', { isForced: true, nowMs: startMs + 9000 });
        keepUnchangedTimes(again, once);
        expect(again).toEqual(once);
      }),
    );
  });

  it('commute when they state different fields', () => {
    fc.assert(
      fc.property(configs('p'), configs('q'), (one, two) => {
        const left = apply(apply(undefined, one, 'one'), two, 'two');
        const right = apply(apply(undefined, two, 'two'), one, 'one');
        expect(sorted(left)).toEqual(sorted(right));
      }),
    );
  });

  it('lose a field that one drops only if the other does not own it', () => {
    fc.assert(
      fc.property(names, names, names, (before, after, others) => {
        const labelled = (all: readonly string[]): KubeObject =>
          deployment({}, all.length === 0 ? {} : { labels: Object.fromEntries(all.map((n) => [n, '1'])) });
        const live = apply(apply(undefined, labelled(before), 'one'), labelled(others), 'two');
        const next = apply(live, labelled(after), 'one');
        const expected = [...new Set([...after, ...others])].sort();
        expect(Object.keys(next.metadata.labels ?? {}).sort()).toEqual(expected);
      }),
    );
  });
});
