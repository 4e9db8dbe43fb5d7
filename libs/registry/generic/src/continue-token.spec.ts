import { describe, expect, it } from 'vitest';
import { decodeContinueToken, encodeContinueToken, type TokenScope } from './continue-token';
import { statusOf } from './testing/registry-fixture.suite';

const scope: TokenScope = { resource: { group: '', resource: 'configmaps' }, namespace: 'ns', namespaced: true };
const token = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const raw = (text: string): string => Buffer.from(text).toString('base64url');
const v = 'meta.k8s.io/v1';

describe('continue tokens', () => {
  it('come back as they were', () => {
    const { startAfter } = decodeContinueToken(scope, token({ v, rv: 1, start: '/a\0' }));
    const given = { revision: 5, startAfter, issuedAtMs: 7 };
    expect(decodeContinueToken(scope, encodeContinueToken(scope, given))).toEqual(given);
  });

  it.each([
    [token(null), 'server does not recognize this encoded version '],
    [token({ v: 'v2', rv: 5, start: 'a' }), 'server does not recognize this encoded version v2'],
    [token({ v: 1 }), 'json: cannot unmarshal number into Go struct field continueToken.v of type string'],
    [token([]), 'json: cannot unmarshal array into Go value of type storage.continueToken'],
    [token({ v, rv: '5' }), 'json: cannot unmarshal string into Go struct field continueToken.rv of type int64'],
    [token({ v, rv: 5.5 }), 'json: cannot unmarshal number 5.5 into Go struct field continueToken.rv of type int64'],
    [token({ v, rv: 0, start: 'a' }), `incorrect encoded start resourceVersion (version ${v})`],
    [token({ v, rv: null, start: 'a' }), `incorrect encoded start resourceVersion (version ${v})`],
    [token({ v, rv: 5 }), `encoded start key empty (version ${v})`],
    [token({ v, rv: 5, start: '../a' }), '../a'],
    [raw('{a}'), "invalid character 'a' looking for beginning of object key string"],
    [raw('{"v":"x"} y'), "invalid character 'y' after top-level value"],
    [raw('hello'), "invalid character 'h' looking for beginning of value"],
    [raw('{"v":'), 'unexpected end of JSON input'],
    ['a b', 'illegal base64 data at input byte 1'],
  ])('%s is refused in Go’s words', async (text, why) => {
    expect(await statusOf(() => decodeContinueToken(scope, text))).toMatchObject({
      code: 400,
      message: `invalid continue token: continue key is not valid: ${why}`,
    });
  });
});
