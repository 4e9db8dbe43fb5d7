import { describe, expect, it } from 'vitest';
import { resolveArguments, resolveResource, type ResourceInfo, storedOnce } from './resource-names';

const row = (
  group: string,
  version: string,
  resource: string,
  kind: string,
  shortNames: string[] = [],
): ResourceInfo => ({
  group,
  version,
  resource,
  kind,
  singular: kind.toLowerCase(),
  shortNames,
  categories: [],
  namespaced: true,
  verbs: resource === 'bindings' ? ['create'] : ['get', 'list', 'watch'],
});
const all = [
  row('', 'v1', 'bindings', 'Binding'),
  row('', 'v1', 'events', 'Event', ['ev']),
  row('', 'v1', 'pods', 'Pod', ['po']),
  row('apps', 'v1', 'deployments', 'Deployment', ['deploy']),
  row('autoscaling', 'v2', 'horizontalpodautoscalers', 'HorizontalPodAutoscaler', ['hpa']),
  row('autoscaling', 'v1', 'horizontalpodautoscalers', 'HorizontalPodAutoscaler', ['hpa']),
  row('events.k8s.io', 'v1', 'events', 'Event', ['ev']),
];

describe('names of resources', () => {
  it.each([
    ['pods', 'v1 pods'],
    ['Pod', 'v1 pods'],
    ['po', 'v1 pods'],
    ['deploy', 'apps/v1 deployments'],
    ['deployments.apps', 'apps/v1 deployments'],
    ['deployment.v1.apps', 'apps/v1 deployments'],
    ['hpa', 'autoscaling/v2 horizontalpodautoscalers'],
    ['hpa.v1.autoscaling', 'autoscaling/v1 horizontalpodautoscalers'],
    ['events', 'v1 events'],
    ['events.events.k8s.io', 'events.k8s.io/v1 events'],
  ])('%s is %s', (text, expected) => {
    const { group, version, resource } = resolveResource(all, text);
    expect(`${group === '' ? '' : `${group}/`}${version} ${resource}`).toBe(expected);
  });

  it.each([
    [[], []],
    [['pods'], ['pods:']],
    [
      ['po', 'a', 'b'],
      ['pods:a', 'pods:b'],
    ],
    [['po,deploy'], ['pods:', 'deployments:']],
    [
      ['pod/a', 'deploy/b'],
      ['pods:a', 'deployments:b'],
    ],
  ])('%j are %j', (args, expected) => {
    expect(resolveArguments(all, args).map(({ resource, name }) => `${resource.resource}:${name}`)).toEqual(expected);
  });

  it('refuses what is not served or names nothing', () => {
    expect(() => resolveResource(all, 'cows')).toThrow('the server doesn\'t have a resource type "cows"');
    expect(() => resolveArguments(all, ['pod/a', 'b'])).toThrow('"b" names no object');
    expect(() => resolveArguments(all, ['pod/'])).toThrow('"pod/" names no object');
  });

  it('knows each stored resource once', () => {
    expect(storedOnce(all).map(({ version, resource }) => `${version} ${resource}`)).toEqual([
      'v1 events',
      'v1 pods',
      'v1 deployments',
      'v2 horizontalpodautoscalers',
    ]);
  });
});
