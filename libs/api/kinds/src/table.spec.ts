import { describe, expect, it } from 'vitest';
import { builtinRows } from './builtin-rows';
import type { TypeRef } from './go-type';
import { fieldOverrides } from './overrides';
import { createTypeTable, type StructType } from './table';

const types = createTypeTable();
const rows = builtinRows(types);

/** Every struct that some row reaches. */
function reachable(): StructType[] {
  const found = new Map<string, StructType>();
  const visitType = (type: TypeRef): void => {
    if (type.kind === 'struct') visit(types.struct(type.struct));
    if (type.kind === 'pointer' || type.kind === 'slice' || type.kind === 'map') visitType(type.of);
    if (type.kind.startsWith('schemaOr')) visit(types.struct('apiextensions/v1.JSONSchemaProps'));
  };
  const visit = (struct: StructType): void => {
    if (found.has(struct.name)) return;
    found.set(struct.name, struct);
    struct.inlined.forEach((inner) => {
      visit(types.struct(inner.struct));
    });
    struct.fields.forEach((field) => {
      visitType(field.type);
    });
  };
  rows.forEach((row) => {
    visit(row.type);
  });
  return [...found.values()];
}

describe('the table of kinds', () => {
  const structs = reachable();

  it('knows every type that its fields name', () => {
    expect(structs.length).toBeGreaterThan(450);
  });

  it('numbers the fields of a message without repeating one', () => {
    for (const struct of structs) {
      const numbers = [...struct.ownFields, ...struct.inlined].map((f) => f.number).filter((n) => n > 0);
      expect(new Set(numbers).size, struct.name).toBe(numbers.length);
    }
  });

  it('names each JSON field of a struct once', () => {
    for (const struct of structs) expect(struct.byName.size, struct.name).toBe(struct.fields.length);
  });

  it('keys lists by fields that their elements have', () => {
    for (const struct of structs) {
      for (const field of struct.fields) {
        const list = field.type.kind === 'pointer' ? field.type.of : field.type;
        if (list.kind !== 'slice' || list.of.kind !== 'struct') continue;
        const element = types.struct(list.of.struct);
        const keys = field.listType.type === 'map' ? field.listType.keys : [];
        for (const key of [...keys, ...(field.patchMergeKey === '' ? [] : [field.patchMergeKey])]) {
          expect([...element.byName.keys()], `${struct.name}.${field.name}`).toContain(key);
        }
      }
    }
  });

  it('has a field for every override', () => {
    for (const place of Object.keys(fieldOverrides)) {
      const struct = place.slice(0, place.lastIndexOf('.'));
      const field = place.slice(place.lastIndexOf('.') + 1);
      expect(types.has(struct), place).toBe(true);
      expect(types.struct(struct).byName.get(field), place).toMatchObject(fieldOverrides[place] ?? {});
    }
    expect(Object.keys(fieldOverrides)).not.toEqual([]);
  });

  it('tells what the tags say', () => {
    const volume = types.struct('core/v1.Volume');
    expect(volume.goName).toBe('v1.Volume');
    expect(volume.fields[0]?.name).toBe('name');
    expect(volume.byName.has('configMap')).toBe(true);
    expect(volume.inlined).toEqual([{ struct: 'core/v1.VolumeSource', number: 2 }]);
    expect(types.struct('core/v1.PodSpec').byName.get('volumes')).toMatchObject({
      omitEmpty: true,
      number: 1,
      patchStrategy: ['merge', 'retainKeys'],
      patchMergeKey: 'name',
      listType: { type: 'map', keys: ['name'] },
    });
    expect(types.struct('meta/v1.ObjectMeta').byName.get('creationTimestamp')).toMatchObject({ omitZero: true });
    expect(types.struct('core/v1.ServiceSpec').byName.get('ports')).toMatchObject({
      patchMergeKey: 'port',
      listType: { type: 'map', keys: ['port', 'protocol'] },
    });
    expect(types.struct('core/v1.ServicePort').byName.get('protocol')?.default).toBe('TCP');
    expect(types.struct('core/v1.ObjectReference').atomic).toBe(true);
  });

  it('refuses names that it does not have, those of every object too', () => {
    expect(types.has('constructor')).toBe(false);
    expect(() => types.struct('core/v1.Nope')).toThrow('no struct core/v1.Nope in the table of kinds');
  });
});

describe('the built-in rows', () => {
  it('are the 68 resources of version v1 and v2', () => {
    expect(rows).toHaveLength(68);
    expect(rows.every((row) => /^v[12]$/.test(row.version))).toBe(true);
    expect(new Set(rows.map((row) => `${row.group}/${row.version}/${row.resource}`)).size).toBe(68);
  });

  it('say what upstream’s discovery says', () => {
    const pods = rows.find((row) => row.resource === 'pods');
    expect(pods).toMatchObject({
      kind: 'Pod',
      listKind: 'PodList',
      singular: 'pod',
      namespaced: true,
      shortNames: ['po'],
      categories: ['all'],
      storage: { group: '', resource: 'pods', version: 'v1' },
    });
    expect(pods?.subresources.find((s) => s.name === 'eviction')).toEqual({
      name: 'eviction',
      group: 'policy',
      version: 'v1',
      kind: 'Eviction',
      verbs: ['create'],
    });
  });

  it('store events and autoscalers once', () => {
    const stored = rows.filter((row) => row.storage.version !== row.version || row.storage.group !== row.group);
    expect(stored.map((row) => [row.group, row.version, row.storage])).toEqual([
      ['events.k8s.io', 'v1', { group: '', resource: 'events', version: 'v1' }],
      ['autoscaling', 'v1', { group: 'autoscaling', resource: 'horizontalpodautoscalers', version: 'v2' }],
    ]);
  });
});
