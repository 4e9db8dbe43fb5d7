import { type MemoryStorage, memoryStorage } from '@reckon/store/storage/suites';
import { beforeEach, describe, expect, it } from 'vitest';
import { bootstrapTokens } from './bootstrap-tokens';
import { presentedToken } from './presented-token';
import type { TokenAuthenticator } from './token-authenticator';

const token = 'abcdef.0123456789abcdef';
let memory: MemoryStorage;
let tokens: TokenAuthenticator;
beforeEach(async () => {
  memory = await memoryStorage();
  tokens = bootstrapTokens({ storage: memory.storage, apiAudiences: ['api'], clock: memory.clock });
});

interface Changes {
  readonly data?: Readonly<Record<string, string | undefined>>;
  readonly type?: string;
  readonly metadata?: object;
}

async function secret({
  data = {},
  type = 'bootstrap.kubernetes.io/token',
  metadata = {},
}: Changes = {}): Promise<void> {
  const values = {
    'token-id': 'abcdef',
    'token-secret': '0123456789abcdef',
    'usage-bootstrap-authentication': 'true',
    ...data,
  };
  const encoded = Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, Buffer.from(value).toString('base64')]],
  );
  await memory.put(
    { group: '', resource: 'secrets' },
    {
      metadata: { name: 'bootstrap-token-abcdef', namespace: 'kube-system', uid: 's-1', ...metadata },
      type,
      data: Object.fromEntries(encoded) as Record<string, string>,
    },
  );
}
const user = async (text = token, audiences?: readonly string[]): Promise<unknown> =>
  (await tokens.authenticateToken(presentedToken(text), audiences))?.user;

describe('bootstrap tokens', () => {
  it('are Secrets, and name a user of the bootstrappers', async () => {
    expect(await user()).toBeUndefined();
    await secret();
    const abcdef = { name: 'system:bootstrap:abcdef', groups: ['system:bootstrappers', 'system:authenticated'] };
    expect(await user()).toEqual(abcdef);
    expect(await user(token, ['api', 'x'])).toEqual(abcdef);
    expect(await user(token, ['x'])).toBeUndefined();
    await secret({ data: { 'auth-extra-groups': 'system:bootstrappers:worker,system:bootstrappers:a:b' } });
    expect(await user()).toMatchObject({
      groups: [
        'system:bootstrappers',
        'system:bootstrappers:a:b',
        'system:bootstrappers:worker',
        'system:authenticated',
      ],
    });
    await memory.remove({ group: '', resource: 'secrets', namespace: 'kube-system', name: 'bootstrap-token-abcdef' });
    expect(await user()).toBeUndefined();
  });

  it('end when they say so', async () => {
    const end = new Date(memory.clock.nowMs() + 1000).toISOString();
    await secret({ data: { expiration: end } });
    expect(await user()).toBeDefined();
    memory.clock.jump(1000);
    expect(await user()).toBeUndefined();
  });

  it.each<[string, Changes, string?]>([
    ['another secret', {}, 'abcdef.0123456789abcdeg'],
    ['another form', {}, 'ABCDEF.0123456789abcdef'],
    ['a word more', {}, 'abcdef.0123456789abcdef '],
    ['another type', { type: 'Opaque' }],
    ['another id inside', { data: { 'token-id': 'fedcba' } }],
    ['no id', { data: { 'token-id': undefined } }],
    ['no secret', { data: { 'token-secret': undefined } }],
    ['no leave to authenticate', { data: { 'usage-bootstrap-authentication': undefined } }],
    ['leave to authenticate in other words', { data: { 'usage-bootstrap-authentication': 'True' } }],
    ['an end that cannot be read', { data: { expiration: 'tomorrow' } }],
    ['an end without a zone', { data: { expiration: '9999-01-01T00:00:00' } }],
    ['a group of others', { data: { 'auth-extra-groups': 'system:masters' } }],
    [
      'a group of others beside a proper one',
      { data: { 'auth-extra-groups': 'system:bootstrappers:a,system:masters' } },
    ],
    ['a group on a second line', { data: { 'auth-extra-groups': 'system:bootstrappers:a\nsystem:masters' } }],
    ['a deletion under way', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }],
  ])('with %s are not known', async (_, changes, text) => {
    await secret(changes);
    expect(await user(text)).toBeUndefined();
  });
});
