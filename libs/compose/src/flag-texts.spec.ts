import { describe, expect, it } from 'vitest';
import { flagTexts, withoutSecrets } from './flag-texts';

describe('flags that are shown', () => {
  it('are texts', () => {
    expect(
      flagTexts({
        port: 6443,
        'token-auth-file': undefined,
        'anonymous-auth': true,
        'authorization-mode': ['Node', 'RBAC'],
        'service-node-port-range': { from: 30_000, to: 32_767 },
        'oidc-required-claim': { hd: 'example.com', from: 'here' },
      }),
    ).toEqual({
      port: '6443',
      'token-auth-file': '',
      'anonymous-auth': 'true',
      'authorization-mode': '[Node,RBAC]',
      'service-node-port-range': '30000-32767',
      'oidc-required-claim': 'hd=example.com,from=here',
    });
  });

  it('hold no secret', () => {
    const flags = { nats: 'nats://me:secret@127.0.0.1:4222,nats://b:4222', 'nats-password': 'secret' };
    expect(flagTexts(flags)).toEqual({ nats: 'nats://…@127.0.0.1:4222,nats://b:4222', 'nats-password': '…' });
    expect(withoutSecrets({ 'nats-password': '' })).toEqual({ 'nats-password': '' });
  });
});
