import { describe, expect, it } from 'vitest';
import { createKindRegistry } from './kind-registry';
import { openStructType } from './open-struct';
import type { ResourceRow } from './resource-row';

const pods = (registry = createKindRegistry()): ResourceRow => registry.resource('', 'v1', 'pods')!;

function widgets(registry = createKindRegistry()): ResourceRow {
  return {
    ...pods(registry),
    group: 'example.com',
    version: 'v1',
    resource: 'widgets',
    kind: 'Widget',
    type: openStructType(registry.types, 'Widget'),
  };
}

describe('KindRegistry', () => {
  it('finds rows by resource and by kind', () => {
    const registry = createKindRegistry();
    expect(registry.resource('apps', 'v1', 'deployments')?.kind).toBe('Deployment');
    expect(registry.kind('', 'v1', 'Pod')).toBe(pods(registry));
    expect(registry.resource('', 'v1', 'nopes')).toBeUndefined();
    expect(registry.resource('', 'v1', 'constructor')).toBeUndefined();
  });

  it('serves what it is told to, in the order of discovery', () => {
    const registry = createKindRegistry({ serve: (row) => ['pods', 'deployments'].includes(row.resource) });
    expect(registry.resources().map((row) => row.resource)).toEqual(['pods', 'deployments']);
    expect(registry.groupVersions()).toEqual([
      { group: '', version: 'v1' },
      { group: 'apps', version: 'v1' },
    ]);
    expect(registry.structOf({ group: '', version: 'v1', kind: 'Secret' })?.name).toBe('core/v1.Secret');
  });

  it('lets rows appear, change and vanish, and says so', () => {
    const registry = createKindRegistry();
    const seen: number[] = [];
    const stop = registry.onChange(() => seen.push(registry.resources().length));

    registry.add(widgets(registry));
    expect(registry.resource('example.com', 'v1', 'widgets')?.kind).toBe('Widget');
    expect(registry.groupVersions()).toContainEqual({ group: 'example.com', version: 'v1' });

    registry.add({ ...widgets(registry), kind: 'Gadget' });
    expect(registry.kind('example.com', 'v1', 'Widget')).toBeUndefined();
    expect(registry.kind('example.com', 'v1', 'Gadget')?.resource).toBe('widgets');

    expect(registry.remove('example.com', 'v1', 'widgets')).toBe(true);
    expect(registry.remove('example.com', 'v1', 'widgets')).toBe(false);
    expect(registry.kind('example.com', 'v1', 'Gadget')).toBeUndefined();
    expect(registry.groupVersions()).not.toContainEqual({ group: 'example.com', version: 'v1' });

    stop();
    registry.add(widgets(registry));
    expect(seen).toEqual([69, 69, 68]);
    expect(registry.revision).toBe(4);
  });

  it('tells every listener, even after one that throws', () => {
    const registry = createKindRegistry();
    let told = 0;
    registry.onChange(() => {
      throw new Error('first');
    });
    registry.onChange(() => told++);
    expect(() => {
      registry.add(widgets(registry));
    }).toThrow('listeners of the kind registry failed');
    expect(told).toBe(1);
  });

  it('knows the types of kinds without a resource', () => {
    const registry = createKindRegistry();
    const nameOf = (group: string, version: string, kind: string): string | undefined =>
      registry.structOf({ group, version, kind })?.name;
    expect(nameOf('autoscaling', 'v1', 'Scale')).toBe('autoscaling/v1.Scale');
    expect(nameOf('policy', 'v1', 'Eviction')).toBe('policy/v1.Eviction');
    expect(nameOf('apps', 'v1', 'DeleteOptions')).toBe('meta/v1.DeleteOptions');
    expect(nameOf('', 'v1', 'PodList')).toBe('core/v1.PodList');
    expect(nameOf('', 'v1', 'PodSpec')).toBeUndefined();
    expect(nameOf('apps.example.com', 'v1', 'Deployment')).toBeUndefined();
    expect(nameOf('meta.k8s.io', 'v1', 'PartialObjectMetadataList')).toBe('meta/v1.PartialObjectMetadataList');
  });
});

describe('event conversion', () => {
  const { converters } = createKindRegistry();
  const core = {
    kind: 'Event',
    apiVersion: 'v1',
    metadata: { name: 'e', namespace: 'd' },
    involvedObject: { kind: 'Pod', name: 'p' },
    reason: 'Started',
    message: 'm',
    source: { component: 'kubelet' },
    firstTimestamp: '2026-01-01T00:00:00Z',
    lastTimestamp: '2026-01-01T00:00:00Z',
    count: 2,
    type: 'Normal',
    eventTime: null,
    reportingComponent: 'kubelet',
    reportingInstance: '',
  };

  it('renames fields, in the order of the other version, and back', () => {
    const converted = converters.convert(core, { group: 'events.k8s.io', version: 'v1' });
    expect(JSON.stringify(converted)).toBe(
      '{"kind":"Event","apiVersion":"events.k8s.io/v1","metadata":{"name":"e","namespace":"d"},"eventTime":null,"reportingController":"kubelet","reason":"Started","regarding":{"kind":"Pod","name":"p"},"note":"m","type":"Normal","deprecatedSource":{"component":"kubelet"},"deprecatedFirstTimestamp":"2026-01-01T00:00:00Z","deprecatedLastTimestamp":"2026-01-01T00:00:00Z","deprecatedCount":2}',
    );
    expect(JSON.stringify(converters.convert(converted, { group: '', version: 'v1' }))).toBe(JSON.stringify(core));
  });

  it('leaves an object of that version alone and refuses unknown ways', () => {
    expect(converters.convert(core, { group: '', version: 'v1' })).toBe(core);
    expect(() => converters.convert(core, { group: 'apps', version: 'v1' })).toThrow(
      'no conversion of Event from v1 to apps/v1',
    );
  });
});
