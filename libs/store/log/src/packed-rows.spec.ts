import { describe, expect, it } from 'vitest';
import { packEntries, packHeads, packObjects, unpackEntries, unpackHeads, unpackObjects } from './packed-rows';
import type { EntryRow } from './packed-rows';

const objects = [0, 1, 5_000, 40_000, 0, 31_000, 100_000, 7, 0].map((size, i) => Buffer.alloc(size, i));

describe('packed rows', () => {
  it('come out as they went in, whatever their sizes', () => {
    const unpacked = unpackObjects(packObjects(objects));
    expect(unpacked.map((object, i) => objects[i]?.equals(object))).toEqual(objects.map(() => true));
    expect(unpackObjects(packObjects([]))).toEqual([]);
  });

  it('share memory only with few neighbours', () => {
    const { slabs } = packObjects(Array.from({ length: 1_000 }, () => Buffer.alloc(2_600)));
    expect(Math.max(...slabs.map((slab) => slab.byteLength))).toBeLessThan(36_000);
  });

  it('keep every column', () => {
    const rows: EntryRow[] = objects.map((object, i) => [i, `/k/${i}`, i, 'update', i, 'a', 'b', 'c', 'r', 1, object]);
    const heads = unpackHeads(packHeads(rows));
    expect(heads.map(({ key, revision, object }) => [key, revision, object.length])).toEqual(
      objects.map((object, i) => [`/k/${i}`, i, object.length]),
    );
    expect(unpackEntries(packEntries(rows))[1]).toEqual({
      revision: 1,
      key: '/k/1',
      previous: 1,
      verb: 'update',
      object: objects[1],
      at: 1,
      actor: 'a',
      agent: 'b',
      manager: 'c',
      request: 'r',
    });
  });
});
