import { describe, expect, it } from 'vitest';
import { relayOptionsOf } from './relay-flags';

describe('the flags of the relay', () => {
  it('are none without --nats', () => {
    expect(relayOptionsOf({})).toBeUndefined();
    expect(relayOptionsOf({ nats: '', natsStream: '' })).toBeUndefined();
  });

  it('are read, with defaults for what is left out', () => {
    expect(relayOptionsOf({ nats: 'nats://a:4222, tls://b', natsUser: 'jane', natsPassword: 'x' })).toEqual({
      servers: ['nats://a:4222', 'tls://b'],
      stream: 'RECKON',
      subjectPrefix: 'reckon',
      user: 'jane',
      password: 'x',
      includeSecrets: false,
    });
    expect(relayOptionsOf({ nats: 'a', natsIncludeSecrets: true, natsStream: 'S' })).toMatchObject({
      includeSecrets: true,
      stream: 'S',
    });
  });

  it.each([
    [{ nats: 'http://a' }, '--nats: is not the address of a NATS server'],
    [{ nats: 'a', natsStream: 'a b' }, '--nats-stream: a stream is named with'],
    [{ nats: 'a', natsSubjectPrefix: '.' }, '--nats-subject-prefix: a prefix is made of'],
    [{ nats: 'a', natsPassword: 'x' }, '--nats-password: a password needs a user'],
    [{ nats: 'a', natsTlsKey: '/k' }, '--nats-tls-cert: a client certificate and its key are given together'],
    [{ nats: 'a', natsTlsCa: '/nowhere/ca' }, '--nats-tls-ca: cannot read /nowhere/ca'],
    [{ natsCreds: '/c' }, '--nats-creds is given without --nats'],
    [{ natsIncludeSecrets: true }, '--nats-include-secrets is given without --nats'],
  ])('are refused by name: %j', (flags, message) => {
    expect(() => relayOptionsOf(flags)).toThrow(message);
  });
});
