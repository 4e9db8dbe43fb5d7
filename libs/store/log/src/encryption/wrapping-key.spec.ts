import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type WrappingKey, writeKeys } from './encryption-options';
import { isSealed, openObject, sealObject } from './sealed-object';
import { nameOfKey, toldKey, unwrapKey, wrapKey } from './wrapping-key';

const key = (provider: WrappingKey['provider'], bytes: number, name = 'key1'): WrappingKey => ({
  provider,
  name,
  secret: randomBytes(bytes),
});

describe('a wrapping key', () => {
  const every = [key('aesgcm', 16), key('aesgcm', 24), key('aesgcm', 32), key('aescbc', 16), key('aescbc', 32)];
  it.each([...every, key('aescbc', 24), key('secretbox', 32)].map((k) => [k.provider, k.secret.length, k] as const))(
    '%s of %i bytes opens what it wrapped, never the same twice, and no other opens it',
    (_provider, _bytes, wrapping) => {
      const dataKey = randomBytes(32);
      const wrapped = wrapKey(wrapping, dataKey);
      expect(unwrapKey(wrapping, wrapped)).toEqual(dataKey);
      expect(wrapKey(wrapping, dataKey)).not.toEqual(wrapped);
      const other = { ...wrapping, secret: randomBytes(wrapping.secret.length) };
      expect(unwrapKey(other, wrapped)).not.toEqual(dataKey);
      expect(unwrapKey(wrapping, wrapped.subarray(0, 20))).toBeUndefined();
      expect(unwrapKey(wrapping, Buffer.alloc(0))).toBeUndefined();
    },
  );

  it('has a name that says provider, name and which secret it is, but not the secret', () => {
    const wrapping = key('aesgcm', 32, 'a:b');
    const name = nameOfKey(wrapping);
    expect(name).toMatch(/^aesgcm:a:b:[0-9a-f]{16}$/);
    expect(nameOfKey({ ...wrapping, secret: randomBytes(32) })).not.toBe(name);
    expect(nameOfKey({ ...wrapping, provider: 'secretbox' })).not.toBe(name);
    expect(toldKey(name)).toBe('the aesgcm key "a:b"');
  });
});

describe('a sealed object', () => {
  const place = { revision: 7, key: '/core/secrets/default/a' };
  const dataKey = randomBytes(32);
  const object = Buffer.from('{"data":{"a":"b"}}');
  const sealed = sealObject(dataKey, place, object);

  it('opens with its key, at its place, and is told from JSON', () => {
    expect(openObject(dataKey, place, sealed)).toEqual(object);
    expect([isSealed(sealed), isSealed(object)]).toEqual([true, false]);
    expect(sealed.includes('data')).toBe(false);
  });

  it('opens nowhere else, with no other key, and not when a byte of it was changed', () => {
    expect(openObject(dataKey, { ...place, revision: 8 }, sealed)).toBeUndefined();
    expect(openObject(dataKey, { ...place, key: '/core/secrets/default/b' }, sealed)).toBeUndefined();
    expect(openObject(randomBytes(32), place, sealed)).toBeUndefined();
    expect(openObject(randomBytes(16), place, sealed)).toBeUndefined();
    for (let i = 8; i < sealed.length; i++) {
      const forged = Buffer.from(sealed);
      forged[i] = (forged[i] ?? 0) ^ 1;
      expect(openObject(dataKey, place, forged)).toBeUndefined();
    }
    expect(openObject(dataKey, place, sealed.subarray(0, 10))).toBeUndefined();
  });
});

describe('writeKeys', () => {
  const [a, b, c] = [key('aesgcm', 32, 'a'), key('aesgcm', 32, 'b'), key('aesgcm', 32, 'c')] as const;
  const keyOf = writeKeys([
    { resources: [{ group: '', resource: 'secrets' }], writeKey: a },
    { resources: [{ group: '', resource: 'configmaps' }], writeKey: undefined },
    { resources: [{ group: 'apps', resource: '*' }], writeKey: b },
    { resources: [{ group: '*', resource: '*' }], writeKey: c },
  ]);
  it.each([
    ['/core/secrets/default/x', a],
    ['/core/configmaps/default/x', undefined],
    ['/apps/deployments/default/x', b],
    ['/example.com/secrets/default/x', c],
    ['/core/nodes//n1', c],
  ])('of %s', (entryKey, expected) => {
    expect(keyOf(entryKey)).toBe(expected);
    expect(keyOf(entryKey)).toBe(expected);
  });

  it('writes plain what no rule names', () => {
    const one = writeKeys([{ resources: [{ group: '', resource: '*' }], writeKey: a }]);
    expect(one('/core/pods/default/x')).toBe(a);
    expect(one('/apps/deployments/default/x')).toBeUndefined();
  });
});
