import { createKindRegistry } from '@reckon/api/kinds';
import { describe, expect, it } from 'vitest';
import { builtinPriority, compareGroups, compareGroupVersions, compareVersions } from './group-version-priority';

describe('the priorities of group versions', () => {
  it('know every built-in one but the group of APIServices', () => {
    const without = createKindRegistry()
      .groupVersions()
      .filter(({ group, version }) => builtinPriority(group, version) === undefined);
    expect(without).toEqual([{ group: 'apiregistration.k8s.io', version: 'v1' }]);
    expect(builtinPriority('toString', 'v1')).toBeUndefined();
  });

  it('put custom groups after them, by name', () => {
    const groups = ['z.example.com', 'apps', 'a.example.com', '', 'apiregistration.k8s.io', 'batch'].map((name) => ({
      name,
      versions: ['v1'],
    }));
    expect(groups.sort(compareGroups).map(({ name }) => name)).toEqual([
      'apiregistration.k8s.io',
      '',
      'apps',
      'batch',
      'a.example.com',
      'z.example.com',
    ]);
  });

  it('put versions by their number in the table', () => {
    expect(['v1', 'v2'].sort(compareGroupVersions('autoscaling'))).toEqual(['v2', 'v1']);
  });

  it('put versions of custom groups by their age', () => {
    const versions = ['v1alpha1', 'foo10', 'v1', 'v1beta2', 'v11', 'v2', 'foo1', 'v1beta10', 'v11alpha2', 'v0', 'foo1'];
    expect(versions.sort(compareVersions)).toEqual([
      'v11',
      'v2',
      'v1',
      'v1beta10',
      'v1beta2',
      'v11alpha2',
      'v1alpha1',
      'foo1',
      'foo1',
      'foo10',
      'v0',
    ]);
  });
});
