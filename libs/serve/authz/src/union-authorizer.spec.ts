import { describe, expect, it } from 'vitest';
import type { Authorizer, AuthzAttributes, Decision } from './authorizer';
import { alwaysAllow, alwaysDeny } from './constant-authorizers';
import { unionAuthorizer } from './union-authorizer';

const request = {} as AuthzAttributes;
const says = (decision: Decision, isLate = false): Authorizer => ({
  name: 'test',
  authorize: () => (isLate ? Promise.resolve(decision) : decision),
});
const no = (reason: string, error?: string): Decision => ({
  allowed: false,
  reason,
  ...(error === undefined ? {} : { error }),
});
const yes: Decision = { allowed: true, reason: 'yes' };
const firmNo: Decision = { allowed: false, denied: true, reason: 'never' };
const decide = async (...members: readonly Authorizer[]) => unionAuthorizer(members).authorize(request);

describe.each([['at once', false] as const, ['later', true] as const])(
  'a union of authorizers that answer %s',
  (_, isLate) => {
    it('ends with the first that allows or firmly denies, whose word is the answer', async () => {
      expect(await decide(says(no('a', 'broken'), isLate), says(yes, isLate), says(firmNo))).toEqual(yes);
      expect(await decide(says(no('a'), isLate), says(firmNo, isLate), says(yes))).toEqual(firmNo);
    });

    it('gathers reasons and errors where nobody does', async () => {
      expect(await decide()).toEqual(no(''));
      expect(await decide(says(no(''), isLate), says(no('')))).toEqual(no(''));
      expect(await decide(says(no('a'), isLate), says(no('')), says(no('b', 'x')), says(no('', 'y'), isLate))).toEqual(
        no('a\nb', '[x, y]'),
      );
    });
  },
);

describe('the constant authorizers', () => {
  it('allow all, or nothing that no other allows', async () => {
    expect(await decide(alwaysDeny, alwaysAllow)).toEqual({ allowed: true, reason: '' });
    expect(await decide(alwaysDeny)).toEqual(no('Everything is forbidden.'));
    expect(alwaysAllow.rulesFor({ name: 'a', groups: [] }, '').rules).toHaveLength(2);
    expect(alwaysDeny.rulesFor({ name: 'a', groups: [] }, '').rules).toEqual([]);
  });
});
