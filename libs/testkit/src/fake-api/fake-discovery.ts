import { apiVersionOf } from '@reckon/api/machinery';
import type { ResourceRef } from '@reckon/client/rest';
import { fakeVerbs } from './fake-kinds';

const groupVersionsOf = (kinds: readonly ResourceRef[]): Map<string, string[]> => {
  const groups = new Map<string, string[]>();
  for (const { group, version } of kinds) {
    const versions = groups.get(group) ?? [];
    if (!versions.includes(version)) versions.push(version);
    groups.set(group, versions);
  }
  return groups;
};

/** The document at a discovery path, aggregated (v2) if asked for, undefined for any other path. */
export function discoveryDocument(path: string, kinds: readonly ResourceRef[], isAggregated: boolean): unknown {
  if (path === '/api' || path === '/apis') {
    const isCore = path === '/api';
    const groups = [...groupVersionsOf(kinds)].filter(([group]) => (group === '') === isCore);
    if (isAggregated) return aggregated(groups, kinds);
    if (isCore) return { kind: 'APIVersions', versions: ['v1'] };
    const named = groups.map(([name, versions]) => {
      const list = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
      return { name, versions: list, preferredVersion: list[0] };
    });
    return { kind: 'APIGroupList', apiVersion: 'v1', groups: named };
  }
  const [, group = '', version] = /^\/(?:api|apis\/([^/]+))\/([^/]+)$/.exec(path) ?? [];
  const resources = kinds.filter((k) => k.group === group && k.version === version);
  if (version === undefined || resources.length === 0) return undefined;
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf({ group, version }),
    resources: resources.map(({ resource, kind, namespaced }) => ({
      name: resource,
      singularName: kind.toLowerCase(),
      namespaced,
      kind,
      verbs: fakeVerbs,
    })),
  };
}

function aggregated(groups: readonly [string, readonly string[]][], kinds: readonly ResourceRef[]): unknown {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: groups.map(([group, versions]) => ({
      metadata: { name: group },
      versions: versions.map((version) => ({
        version,
        freshness: 'Current',
        resources: kinds
          .filter((k) => k.group === group && k.version === version)
          .map(({ resource, kind, namespaced }) => ({
            resource,
            responseKind: { group, version, kind },
            scope: namespaced ? 'Namespaced' : 'Cluster',
            singularResource: kind.toLowerCase(),
            verbs: fakeVerbs,
          })),
      })),
    })),
  };
}
