import { seededRandom } from '@reckon/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKindRegistry } from '../kind-registry';
import { stringifyObject } from '../json/stringify-object';
import { createDecoder } from '../decode/decoder';
import { arbitraryObject } from '../testing/arbitrary-object';
import { decodeProtobuf } from './decode';
import { unwrapUnknown } from './unknown';

const registry = createKindRegistry();
const { types, protobuf } = registry;
const configMapType = { apiVersion: 'v1', kind: 'ConfigMap' };
const struct = types.struct('core/v1.ConfigMap');

const text = (...parts: readonly string[]): string => parts.join('');
const ascii = (value: string): string => Buffer.from(value).toString('hex');

const map = {
  ...configMapType,
  metadata: {
    name: 'm1',
    namespace: 'shop',
    uid: '01234567-89ab-cdef-0123-456789abcdef',
    resourceVersion: '4711',
    creationTimestamp: '2026-07-09T01:02:03Z',
    managedFields: [
      {
        manager: 'tests',
        operation: 'Update',
        apiVersion: 'v1',
        time: '2026-07-09T01:02:04Z',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:data': { '.': {}, 'f:k': {} } },
      },
    ],
  },
  data: { k: 'v' },
};

describe('a body', () => {
  it('is what the real server writes, to the byte', () => {
    const fields = '{"f:data":{".":{},"f:k":{}}}';
    const managed = text(
      '0a05' + ascii('tests'),
      '1206' + ascii('Update'),
      '1a02' + ascii('v1'),
      // seconds, nanoseconds
      '2208' + '08' + '8ce6bbd206' + '1000',
      '3208' + ascii('FieldsV1'),
      '3a1e' + '0a1c' + ascii(fields),
      '4200',
    );
    const metadata = text(
      '0a02' + ascii('m1'),
      '1200',
      '1a04' + ascii('shop'),
      '2200',
      '2a24' + ascii(map.metadata.uid),
      '3204' + ascii('4711'),
      '3800',
      '4208' + '08' + '8be6bbd206' + '1000',
      // field 17
      '8a01' + (managed.length / 2).toString(16) + managed,
    );
    const message = text(
      '0a' + (metadata.length / 2).toString(16) + '01' + metadata,
      '1206' + '0a01' + ascii('k') + '1201' + ascii('v'),
    );
    const expected = text(
      ascii('k8s\0'),
      '0a0f' + '0a02' + ascii('v1') + '1209' + ascii('ConfigMap'),
      '12' + (message.length / 2).toString(16) + '01' + message,
      '1a00',
      '2200',
    );
    expect(protobuf.body(configMapType, struct, map).toString('hex')).toBe(expected);
  });

  it('says 0 and an integer where a quantity or a port is missing', () => {
    expect(protobuf.message(types.struct('core/v1.ResourceFieldSelector'), { resource: 'x' }).toString('hex')).toBe(
      '0a00' + '120178' + '1a03' + '0a0130',
    );
    expect(protobuf.message(types.struct('core/v1.TCPSocketAction'), {}).toString('hex')).toBe(
      '0a06' + '0800' + '1000' + '1a00' + '1200',
    );
  });

  it('sorts the keys of maps and writes empty lists in them', () => {
    const info = types.struct('authentication/v1.UserInfo');
    const bytes = protobuf.message(info, { username: 'u', extra: { b: null, a: ['x'] } });
    expect(bytes.toString('hex').endsWith('2208' + '0a0161' + '12030a0178' + '2205' + '0a0162' + '1200')).toBe(true);
  });

  it('grows with what it holds, and is whole after an object that cannot be written', () => {
    const large = { ...map, data: { k: 'ü'.repeat(700_000) } };
    const endless: Record<string, unknown> = {};
    endless.self = endless;
    expect(() => protobuf.message(types.struct('apps/v1.ControllerRevision'), { revision: 5, data: endless })).toThrow(
      TypeError,
    );
    expect(decodeProtobuf(types, struct, protobuf.message(struct, large))).toMatchObject({ data: large.data });
    expect(decodeProtobuf(types, struct, protobuf.message(struct, map))).toMatchObject({ data: map.data });
  });
});

describe('any object of any kind', () => {
  const decoder = createDecoder(registry);
  const rows = registry.resources();

  it('is the same after protobuf', () => {
    fc.assert(
      fc.property(fc.constantFrom(...rows), fc.integer({ min: 5 }), (row, seed) => {
        const raw = { ...arbitraryObject(types, row.type, seededRandom(seed)), kind: row.kind };
        const { object } = decoder.normalize(raw, { expected: row, strict: true });
        const type = { apiVersion: object.apiVersion ?? '', kind: row.kind };
        const decoded = decoder.decode(protobuf.body(type, row.type, object), {
          contentType: 'application/vnd.kubernetes.protobuf',
          expected: row,
          strict: true,
        });
        if (decoded instanceof Promise) throw new Error('protobuf is decoded at once');
        expect(stringifyObject(decoded.object)).toBe(stringifyObject(object));
      }),
      { numRuns: 500 },
    );
  });
});

describe('a list', () => {
  const lists = registry.resources().filter((row) => row.listKind !== '');

  it.each(lists.map((row) => [`${row.group}/${row.version} ${row.listKind}`, row] as const))('%s', (_, row) => {
    const list = registry.structOf({ ...row, kind: row.listKind });
    if (list === undefined) throw new Error('no such list');
    const items = [1, 2].map((seed) => arbitraryObject(types, row.type, seededRandom(seed)));
    const metadata = { resourceVersion: '5', continue: 'abc', remainingItemCount: 3 };
    const { parts, length } = protobuf.list(
      { apiVersion: 'x', kind: row.listKind },
      metadata,
      items.map((item) => protobuf.item(row.type, item)),
    );
    const body = Buffer.concat(parts);
    expect(length).toBe(body.length);
    expect(body).toEqual(protobuf.body({ apiVersion: 'x', kind: row.listKind }, list, { metadata, items }));
    const read = decodeProtobuf(types, list, unwrapUnknown(body).raw);
    expect(read).toMatchObject({ metadata });
    expect(read.items).toHaveLength(2);
  });
});

describe('documents that are no resources', () => {
  const decoder = createDecoder(registry);
  it.each([
    ['', 'v1', 'Status'],
    ['', 'v1', 'APIVersions'],
    ['', 'v1', 'APIGroup'],
    ['', 'v1', 'APIGroupList'],
    ['', 'v1', 'APIResourceList'],
    ['', 'v1', 'DeleteOptions'],
    ['autoscaling', 'v1', 'Scale'],
    ['authentication.k8s.io', 'v1', 'TokenRequest'],
    ['policy', 'v1', 'Eviction'],
    ['meta.k8s.io', 'v1', 'PartialObjectMetadata'],
    ['meta.k8s.io', 'v1beta1', 'PartialObjectMetadataList'],
  ])('%s/%s %s is the same after protobuf', (group, version, kind) => {
    const gvk = { group, version, kind };
    const type = registry.structOf(gvk);
    if (type === undefined) throw new Error('no such kind');
    for (let seed = 1; seed <= 20; seed++) {
      const raw = { ...arbitraryObject(types, type, seededRandom(seed)), kind };
      const { object } = decoder.normalize(raw, { expected: gvk, strict: true });
      const bare = decodeProtobuf(types, type, protobuf.message(type, object));
      const again = decoder.normalize(
        { ...bare, kind, apiVersion: object.apiVersion },
        { expected: gvk, strict: true },
      );
      expect(withoutTypes(stringifyObject(again.object))).toBe(withoutTypes(stringifyObject(object)));
    }
  });

  /** Items of a list have no kind in protobuf. */
  const withoutTypes = (json: string): string => json.replace(/"(?:kind|apiVersion)":"[^"]*",?/g, '');
});

describe('a frame of a watch', () => {
  it('is a length, the type of the event and a whole body', () => {
    const frame = protobuf.watchFrame('ADDED', configMapType, struct, map);
    expect(frame.readUInt32BE(0)).toBe(frame.length - 4);
    expect(frame.subarray(4, 11).toString('latin1')).toBe('\n\x05ADDED');
    const body = protobuf.body(configMapType, struct, map);
    expect(frame.subarray(frame.length - body.length)).toEqual(body);
    const event = types.struct('meta/v1.WatchEvent');
    expect(() => decodeProtobuf(types, event, frame.subarray(4))).toThrow('raw JSON');
  });
});
