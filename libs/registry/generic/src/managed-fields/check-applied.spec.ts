import { describe, expect, it } from 'vitest';
import { createKindRegistry, openStructType } from '@reckon/api/kinds';
import { appliedProblem } from './check-applied';
import { createManagedFieldsTypes } from './managed-fields-type';

const { types, plans } = createKindRegistry();
const typeOf = createManagedFieldsTypes({ types, plans });
const pod = types.struct('core/v1.Pod');
const problem = (config: object): string | undefined => appliedProblem(types, typeOf, pod, config);
const inContainer = (rest: object): object => ({ spec: { containers: [{ name: 'm', ...rest }] } });

describe('a configuration', () => {
  it.each<[string, object]>([
    ['what the schema has', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', labels: { a: 'b' } } }],
    ['null for anything', { metadata: null, spec: { containers: null, nodeName: null, hostNetwork: null } }],
    ['quantities and ports in both forms', inContainer({ resources: { limits: { cpu: 1, memory: '1Gi' } } })],
    ['equal items of an atomic list', inContainer({ args: ['x', 'x'] })],
    ['a list key left out that has a default', inContainer({ ports: [{ containerPort: 80 }] })],
  ])('may hold %s', (_what, config) => {
    expect(problem(config)).toBeUndefined();
  });

  it.each<[string, object, string]>([
    ['an unknown field', { x: 1 }, '.x: field not declared in schema'],
    ['one further in', inContainer({ y: 1 }), '.spec.containers[name="m"].y: field not declared in schema'],
    ['a list for a map', { spec: [] }, '.spec: expected map, got &{[]}'],
    ['a map for a list', { spec: { containers: { a: 1 } } }, '.spec.containers: expected list, got &{map[a:1]}'],
    [
      'a number for a text',
      { spec: { nodeName: 5 } },
      '.spec.nodeName: expected string, got &value.valueUnstructured{Value:5}',
    ],
    ['a text for a number', { spec: { priority: '5' } }, '.spec.priority: expected numeric (int or float), got string'],
    ['a text for a bool', { spec: { hostNetwork: 'no' } }, '.spec.hostNetwork: expected boolean, got &{no}'],
    [
      'a map for a quantity',
      inContainer({ resources: { limits: { cpu: {} } } }),
      '.spec.containers[name="m"].resources.limits.cpu: expected any scalar, got &{map[]}',
    ],
    [
      'the same port twice',
      inContainer({ ports: [{ containerPort: 80 }, { containerPort: 80, protocol: 'TCP' }] }),
      '.spec.containers[name="m"].ports: duplicate entries for key [containerPort=80,protocol="TCP"]',
    ],
    [
      'items without their key, which then is empty',
      { spec: { containers: [{ image: 'x' }, {}] } },
      '.spec.containers: duplicate entries for key [name=""]',
    ],
    [
      'equal items of a set in a field that is replaced as a whole',
      { status: { nodeAllocatableResourceClaimStatuses: [{ containers: ['a', 'a'] }] } },
      '.status.nodeAllocatableResourceClaimStatuses[0].containers: duplicate entries for key [="a"]',
    ],
    [
      'an item that is null',
      { spec: { containers: [null] } },
      '.spec.containers: element 0: associative list with keys may not have a null element',
    ],
    [
      'an item that is no map',
      { spec: { containers: [1] } },
      '.spec.containers: element 0: associative list with keys may not have non-map elements',
    ],
    [
      'a map in a set',
      { metadata: { finalizers: [{}] } },
      ".metadata.finalizers: element 0: associative list without keys has an element that's a map type",
    ],
    [
      'two problems',
      { spec: { priority: true, nodeName: 1.5 } },
      'errors:\n  .spec.priority: expected numeric (int or float), got bool\n  .spec.nodeName: expected string, got &value.valueUnstructured{Value:1.5}',
    ],
  ])('is refused with %s', (_what, config, expected) => {
    expect(problem(config)).toBe(expected);
  });

  it('may hold anything where a kind has no schema', () => {
    const open = openStructType(types, 'Widget');
    const config = { apiVersion: 'a/v1', kind: 'Widget', metadata: { name: 'w' }, spec: { any: [{ thing: 1 }] } };
    expect(appliedProblem(types, typeOf, open, config)).toBeUndefined();
  });
});
