import { describe, expect, it } from 'vitest';
import { basicAuthenticator } from './basic-authenticator';
import { parsePasswordFile } from './password-file';

const known = parsePasswordFile('secret,ann,1,"dev,ops"\nold,bob,2\npä:ss,bob,2\n,empty,3\n');
const basic = basicAuthenticator(known);
const ask = (authorization: string): unknown => {
  try {
    return basic.authenticate({ authorization, peerCertificate: undefined, path: '/', headers: {}, rawHeaders: [] });
  } catch (error) {
    return (error as Error).message;
  }
};
const credential = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
const invalid = 'invalid username/password combination';

describe('a password file', () => {
  it('names the line that is wrong', () => {
    expect(() => parsePasswordFile('a,b,c\nd,e\n')).toThrow('password file, line 2: at least 3 columns');
    expect(() => parsePasswordFile('a,"b"c,d\n')).toThrow('password file, line 1: a quote');
  });
});

describe('HTTP Basic', () => {
  it('knows a user by the password', () => {
    const ann = { user: { name: 'ann', uid: '1', groups: ['dev', 'ops', 'system:authenticated'] } };
    for (const authorization of [credential('ann:secret'), credential('ann:secret').replace('Basic', 'bAsIc')])
      expect(ask(authorization)).toEqual(ann);
    expect(ask(credential('bob:pä:ss'))).toMatchObject({ user: { name: 'bob' } });
    expect(ask(credential('empty:'))).toMatchObject({ user: { name: 'empty' } });
  });

  it.each([
    'ann:Secret',
    'ann:secret ',
    'ann:',
    'ann:secret\u0000',
    'bob:old',
    'Ann:secret',
    'аnn:secret',
    'root:',
    ':',
    ':secret',
    '__proto__:x',
    'constructor:',
  ])('refuses %j', (text) => {
    expect(ask(credential(text))).toBe(invalid);
  });

  it('takes what is no credential of its kind for nothing', () => {
    for (const text of [
      '',
      'Basic',
      'Basic ',
      'Basic !!!!',
      'Basic YW5u',
      'Basic YW5uOnNlY3JldA',
      'Bearer x',
      'Basic  YW5uOnNlY3JldA==',
    ])
      expect(ask(text), text).toBeUndefined();
  });
});
