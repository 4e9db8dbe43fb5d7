import { createKindRegistry } from '@reckon/api/kinds';
import { describe, expect, it } from 'vitest';
import { createDiscovery } from './discovery';
import { storageVersionHash } from './storage-version-hash';

const parse = <T>(bytes: Buffer | undefined): T => JSON.parse(bytes?.toString() ?? 'null') as T;
interface Resource {
  readonly name: string;
  readonly [field: string]: unknown;
}

describe('discovery', () => {
  const kinds = createKindRegistry();
  const discovery = createDiscovery(kinds, { advertise: () => '127.0.0.1:6443' });

  it('names versions and the address to be reached at', () => {
    expect(parse(discovery.apiVersions())).toEqual({
      kind: 'APIVersions',
      versions: ['v1'],
      serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '127.0.0.1:6443' }],
    });
  });

  it('lists groups in upstream\u2019s order, each with its preferred version first', () => {
    const { groups } = parse<{ groups: { name: string; versions: { version: string }[]; preferredVersion: object }[] }>(
      discovery.groupList(),
    );
    expect(groups.slice(0, 6).map((g) => g.name)).toEqual([
      'apiregistration.k8s.io',
      'apps',
      'events.k8s.io',
      'authentication.k8s.io',
      'authorization.k8s.io',
      'autoscaling',
    ]);
    expect(groups[5]?.versions.map((v) => v.version)).toEqual(['v2', 'v1']);
    expect(groups[5]?.preferredVersion).toEqual({ groupVersion: 'autoscaling/v2', version: 'v2' });
    expect(parse(discovery.group('apps'))).toEqual({ kind: 'APIGroup', apiVersion: 'v1', ...groups[1] });
    expect(discovery.group('nope')).toBeUndefined();
    expect(discovery.group('')).toBeUndefined();
  });

  it('tells of each resource what clients need, subresources right after it', () => {
    const list = parse<{ apiVersion?: string; groupVersion: string; resources: Resource[] }>(
      discovery.resourceList('', 'v1'),
    );
    expect([list.apiVersion, list.groupVersion]).toEqual([undefined, 'v1']);
    const names = list.resources.map((r) => r.name);
    expect(names).toEqual([...names].sort());
    expect(list.resources.find((r) => r.name === 'pods')).toEqual({
      name: 'pods',
      singularName: 'pod',
      namespaced: true,
      kind: 'Pod',
      verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
      shortNames: ['po'],
      categories: ['all'],
      storageVersionHash: 'xPOwRZ+Yhw8=',
    });
    expect(list.resources.find((r) => r.name === 'pods/eviction')).toEqual({
      name: 'pods/eviction',
      singularName: '',
      namespaced: true,
      group: 'policy',
      version: 'v1',
      kind: 'Eviction',
      verbs: ['create'],
    });
    expect(list.resources.find((r) => r.name === 'bindings')).not.toHaveProperty('storageVersionHash');
    expect(discovery.resourceList('apps', 'v9')).toBeUndefined();
  });

  it('hashes the version that is stored, which two groups may share', () => {
    expect(storageVersionHash('', 'v1', 'Event')).toBe('r2yiGXH7wu8=');
    const { resources } = parse<{ resources: Resource[] }>(discovery.resourceList('events.k8s.io', 'v1'));
    expect(resources[0]?.storageVersionHash).toBe('r2yiGXH7wu8=');
    expect(storageVersionHash('apiextensions.k8s.io', 'v1', 'CustomResourceDefinition')).toBe('jfWCUB31mvA=');
  });

  it('tells everything at once in the aggregated form, with an etag of its contents', () => {
    const { body, etag } = discovery.aggregated('apis');
    const { items } = parse<{
      items: {
        metadata: object;
        versions: { version: string; freshness: string; resources: Record<string, unknown>[] }[];
      }[];
    }>(body);
    const apps = items.find((i) => (i.metadata as { name?: string }).name === 'apps')?.versions[0];
    expect([apps?.version, apps?.freshness]).toEqual(['v1', 'Current']);
    expect(apps?.resources.find((r) => r.resource === 'deployments')).toEqual({
      resource: 'deployments',
      responseKind: { group: '', version: '', kind: 'Deployment' },
      scope: 'Namespaced',
      singularResource: 'deployment',
      verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
      shortNames: ['deploy'],
      categories: ['all'],
      subresources: [
        {
          subresource: 'scale',
          responseKind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
          verbs: ['get', 'patch', 'update'],
        },
        {
          subresource: 'status',
          responseKind: { group: '', version: '', kind: 'Deployment' },
          verbs: ['get', 'patch', 'update'],
        },
      ],
    });
    expect(parse<{ items: object[] }>(discovery.aggregated('api').body).items).toHaveLength(1);
    expect(etag).toMatch(/^"[0-9A-F]{128}"$/);
    expect(discovery.aggregated('apis').etag).toBe(etag);
  });

  it('follows the registry', () => {
    const live = createKindRegistry({ serve: (row) => row.group === '' });
    const documents = createDiscovery(live, { advertise: () => '' });
    const before = documents.aggregated('apis').etag;
    const row = kinds.resource('apps', 'v1', 'deployments');
    if (row === undefined) throw new Error('no deployments');
    expect(documents.servesGroup('apps')).toBe(false);
    live.add(row);
    expect([documents.servesGroup('apps'), documents.aggregated('apis').etag === before]).toEqual([true, false]);
    live.remove('apps', 'v1', 'deployments');
    expect(documents.resourceList('apps', 'v1')).toBeUndefined();
  });
});
