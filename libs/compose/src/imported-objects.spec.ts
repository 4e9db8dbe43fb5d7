import { describe, expect, it } from 'vitest';
import { type ImportedObjects, importedObjects } from './imported-objects';

interface Changes {
  readonly group?: string;
  readonly version?: string;
  readonly resource?: string;
  readonly namespace?: string;
  readonly object?: Readonly<Record<string, unknown>> | string;
}

const metadata = { name: 'a', namespace: 'default', uid: 'u-1', resourceVersion: '7' };
const pod = { kind: 'Pod', apiVersion: 'v1', metadata, spec: { containers: [{ name: 'c', image: 'i' }] } };
const widgets = (changes: object = {}): Changes => ({
  group: 'apiextensions.k8s.io',
  resource: 'customresourcedefinitions',
  namespace: '',
  object: {
    kind: 'CustomResourceDefinition',
    apiVersion: 'apiextensions.k8s.io/v1',
    metadata: { ...metadata, name: 'widgets.example.com', namespace: undefined },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'widgets', kind: 'Widget' },
      versions: [{ name: 'v1', served: true, storage: true }],
      ...changes,
    },
  },
});
const widget = (fields: object = {}, version = 'v1'): Changes => ({
  group: 'example.com',
  version,
  resource: 'widgets',
  object: { kind: 'Widget', apiVersion: `example.com/${version}`, metadata, ...fields },
});

/** What is said of a pod's entry that was changed so. */
function problemOf(changes: Changes, objects: ImportedObjects = importedObjects()): string | undefined {
  const { object = pod, ...names } = changes;
  const entry = {
    revision: 7,
    at: '2026-01-31T12:00:00.000Z',
    verb: 'create' as const,
    ...{ group: '', version: 'v1', resource: 'pods', namespace: 'default', name: 'a' },
    ...{ previous: 0, actor: '', agent: '', manager: '', request: '' },
    ...names,
  };
  return objects.problemOf(entry, Buffer.from(typeof object === 'string' ? object : JSON.stringify(object)));
}

const json = (object: object, from: string, to: string): string => JSON.stringify(object).replace(from, to);

describe('an object that is imported', () => {
  it('is one that could have been stored', () => {
    expect(problemOf({})).toBeUndefined();
    expect(problemOf({ object: { ...pod, spec: { ...pod.spec, terminationGracePeriodSeconds: 5 } } })).toBeUndefined();
    const long = json({ ...pod, spec: { activeDeadlineSeconds: 0 } }, ':0}', ':9223372036854775807}');
    expect(problemOf({ object: long })).toBeUndefined();
  });

  it.each<[string, Changes, string]>([
    ['a resource that nothing defines', { resource: 'cows' }, 'there is no resource cows of v1, and no line before it'],
    ['a group that nothing defines', { group: 'farm.example' }, 'there is no resource pods of farm.example/v1'],
    ['the core group by its name in keys', { group: 'core' }, 'there is no resource pods of core/v1'],
    [
      'a version that nothing is stored as',
      { group: 'autoscaling', resource: 'horizontalpodautoscalers' },
      'there is no resource horizontalpodautoscalers of autoscaling/v1',
    ],
    [
      'another kind',
      { group: 'apiregistration.k8s.io', resource: 'apiservices', namespace: '' },
      'its object is of kind Pod (v1), not APIService (apiregistration.k8s.io/v1)',
    ],
    ['another apiVersion', { object: { ...pod, apiVersion: 'v2' } }, 'its object is of kind Pod (v2), not Pod (v1)'],
    ['no kind', { object: { ...pod, kind: undefined } }, 'its object is of kind undefined (v1), not Pod (v1)'],
    ['no namespace', { namespace: '' }, 'pods are in a namespace'],
    ['a namespace too many', { resource: 'nodes' }, 'nodes are not in a namespace'],
    [
      'a uid that is a number',
      { object: { ...pod, metadata: { ...metadata, uid: 5 } } },
      'its object is not a Pod: json: cannot unmarshal number into Go struct field ObjectMeta.metadata.uid of type types.UID',
    ],
    ['no uid', { object: { ...pod, metadata: { ...metadata, uid: undefined } } }, 'its object has no metadata.uid'],
    [
      'labels that are no strings',
      { object: { ...pod, metadata: { ...metadata, labels: { a: 1 } } } },
      'its object is not a Pod: json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string',
    ],
    [
      'a spec that is a string',
      { object: { ...pod, spec: 'str' } },
      'its object is not a Pod: json: cannot unmarshal string into Go struct field Pod.spec of type',
    ],
    [
      'a field that the kind has not',
      { object: { ...pod, spec: { ...pod.spec, speck: {} } } },
      'its object is not a Pod: unknown field "spec.speck"',
    ],
    [
      'a time that is none',
      { object: { ...pod, metadata: { ...metadata, creationTimestamp: 'today' } } },
      'its object is not a Pod: parsing time "today"',
    ],
    ['spaces', { object: json(pod, ',"spec"', ', "spec"') }, 'another program wrote its object anew'],
    ['a field twice', { object: json(pod, '"spec":', '"spec":{},"spec":') }, 'another program wrote its object anew'],
    ['an escape too many', { object: json(pod, '"Pod"', '"\\u0050od"') }, 'another program wrote its object anew'],
  ])('has not %s', (_, changes, problem) => {
    expect(problemOf(changes)).toContain(problem);
  });

  it('is a custom resource only after its definition', () => {
    const objects = importedObjects();
    expect(problemOf(widget(), objects)).toContain('there is no resource widgets of example.com/v1');
    expect(problemOf(widgets(), objects)).toBeUndefined();
    expect(problemOf(widget({ spec: { any: [1.5, { thing: null }] } }), objects)).toBeUndefined();
    expect(problemOf(widget({}, 'v2'), objects)).toContain('there is no resource widgets of example.com/v2');
    expect(problemOf({ ...widget(), namespace: '' }, objects)).toBe('widgets.example.com are in a namespace');
    expect(problemOf(widget({ kind: 'Gadget' }), objects)).toContain('is of kind Gadget (example.com/v1), not Widget');
    expect(problemOf(widget({ metadata: { ...metadata, uid: 5 } }), objects)).toContain('its object is not a Widget: ');
    // What it was before a version was taken away is still history.
    expect(problemOf(widgets({ versions: [{ name: 'v2', served: true, storage: true }] }), objects)).toBeUndefined();
    expect(problemOf(widget({}, 'v2'), objects)).toBeUndefined();
    expect(problemOf(widget(), objects)).toBeUndefined();
  });

  it('is of a built-in kind as that kind is, whatever a definition says', () => {
    const objects = importedObjects();
    const names = { plural: 'deployments', kind: 'Deployment' };
    expect(problemOf(widgets({ group: 'apps', names }), objects)).toBeUndefined();
    const deployment = { kind: 'Deployment', apiVersion: 'apps/v1', metadata, spec: 'str' };
    expect(problemOf({ group: 'apps', resource: 'deployments', object: deployment }, objects)).toContain(
      'its object is not a Deployment: json: cannot unmarshal string',
    );
  });

  it("may be the log's own first, which has metadata and nothing else", () => {
    const log = {
      apiVersion: 'reckon.dev/v1',
      kind: 'Log',
      metadata: { name: 'genesis', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-31T12:00:00Z' },
    };
    const entry = { group: 'reckon.dev', version: '', resource: 'logs', namespace: '', name: 'genesis' };
    expect(problemOf({ ...entry, object: log })).toBeUndefined();
    expect(problemOf({ ...entry, object: { ...log, spec: {} } })).toBe('its object is not a Log: unknown field "spec"');
    expect(problemOf({ ...entry, version: 'v1', object: log })).toContain('there is no resource logs');
    expect(problemOf({ ...entry, ...{ version: 'v1', name: 'b' }, object: log })).toContain(
      'there is no resource logs',
    );
  });
});
