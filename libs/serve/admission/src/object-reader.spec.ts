import { type MemoryStorage, memoryStorage } from '@reckon/store/storage/suites';
import { beforeEach, describe, expect, it } from 'vitest';
import { type ObjectReader, objectReader } from './object-reader';

const configMaps = { group: '', resource: 'configmaps' };
let memory: MemoryStorage;
let reader: ObjectReader;

beforeEach(async () => {
  memory = await memoryStorage();
  reader = objectReader(memory.storage);
});

describe('the object reader', () => {
  const put = (name: string, data: object) => memory.put(configMaps, { metadata: { name, namespace: 'n' }, data });

  it('parses each state of an object once', async () => {
    await put('a', { v: '1' });
    const first = reader.get(configMaps, 'n', 'a');
    expect(first).toMatchObject({ data: { v: '1' } });
    expect(reader.get(configMaps, 'n', 'a')).toBe(first);
    expect(reader.list(configMaps, 'n')[0]).toBe(first);
    await put('a', { v: '2' });
    expect(reader.get(configMaps, 'n', 'a')).toMatchObject({ data: { v: '2' } });
    expect(reader.get(configMaps, 'n', 'b')).toBeUndefined();
  });

  it('shows what is in flight', async () => {
    const pending = put('a', { v: '1' });
    expect(reader.get(configMaps, 'n', 'a')).toMatchObject({ data: { v: '1' } });
    expect(reader.list(configMaps)).toHaveLength(1);
    expect(reader.list(configMaps, 'other')).toEqual([]);
    await pending;
  });
});
