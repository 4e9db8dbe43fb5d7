import type { KubeObject } from '@reckon/api/machinery';
import { refs } from '@reckon/client/rest';
import { type ClientHarness, eventually } from '@reckon/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { startControllersForTest } from '../testing/controller-test.suite';
import { serviceAccountTokenController } from './service-account-token-controller';
import { type ServiceAccount, base64 } from './token-secret';

let harness: ClientHarness;
afterEach(() => harness.stop());

const start = async (serviceAccountTokenSecrets: 'always' | 'on-request'): Promise<void> => {
  harness = await startControllersForTest([serviceAccountTokenController], {
    controllers: { serviceAccountTokenSecrets },
  });
};
const makeAccount = (): KubeObject =>
  harness.api.store.create(refs.serviceAccounts, 'default', { metadata: { name: 'bot' } });
const account = (): ServiceAccount => harness.api.store.get(refs.serviceAccounts, 'default', 'bot');
const secrets = (): KubeObject[] => harness.api.store.list(refs.secrets, 'default');
const listed = (): (string | undefined)[] => (account().secrets ?? []).map((s) => s.name);
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 100));

describe('the token controller', () => {
  it('makes one filled token Secret for every account and names it there', async () => {
    await start('always');
    makeAccount();
    await eventually(() => {
      expect(listed()).toHaveLength(1);
    });
    await pause();
    const [secret] = secrets();
    const name = secret?.metadata.name ?? '';
    expect(secrets()).toHaveLength(1);
    expect(listed()).toEqual([name]);
    expect(name).toMatch(/^bot-token-[a-z0-9]{5}$/);
    expect(secret).toMatchObject({
      metadata: {
        annotations: {
          'kubernetes.io/service-account.name': 'bot',
          'kubernetes.io/service-account.uid': account().metadata.uid,
        },
      },
      type: 'kubernetes.io/service-account-token',
      data: { 'ca.crt': base64('CA'), namespace: base64('default'), token: base64(`token:default/bot/${name}`) },
    });
  });

  it('makes another under a new name at once when the Secret is deleted', async () => {
    await start('always');
    makeAccount();
    await eventually(() => {
      expect(listed()).toHaveLength(1);
    });
    const [before] = listed();
    harness.api.store.delete(refs.secrets, 'default', before ?? '');
    await eventually(() => {
      expect(listed()).toHaveLength(1);
      expect(listed()).toEqual(secrets().map((s) => s.metadata.name));
      expect(listed()[0]).not.toBe(before);
    });
  });

  it('deletes the Secrets of an account that is gone, also those of a namesake', async () => {
    await start('always');
    makeAccount();
    await eventually(() => {
      expect(secrets()).toHaveLength(1);
      expect(listed()).toHaveLength(1);
    });
    const old = account().metadata.uid;
    harness.api.store.delete(refs.serviceAccounts, 'default', 'bot');
    makeAccount();
    await eventually(() => {
      expect(listed()).toHaveLength(1);
      expect(secrets().map((s) => s.metadata.annotations?.['kubernetes.io/service-account.uid'])).toEqual([
        account().metadata.uid,
      ]);
      expect(account().metadata.uid).not.toBe(old);
    });
    harness.api.store.delete(refs.serviceAccounts, 'default', 'bot');
    await eventually(() => {
      expect(secrets()).toEqual([]);
    });
  });

  it('only fills what someone creates when it is asked to do no more', async () => {
    await start('on-request');
    makeAccount();
    await pause();
    expect(secrets()).toEqual([]);
    harness.api.store.create(refs.secrets, 'default', {
      metadata: { name: 'mine', annotations: { 'kubernetes.io/service-account.name': 'bot' } },
      type: 'kubernetes.io/service-account-token',
      data: { extra: 'eA==' },
    });
    await eventually(() => {
      expect(secrets()[0]).toMatchObject({
        metadata: { name: 'mine', annotations: { 'kubernetes.io/service-account.uid': account().metadata.uid } },
        data: {
          extra: 'eA==',
          'ca.crt': base64('CA'),
          namespace: base64('default'),
          token: base64('token:default/bot/mine'),
        },
      });
    });
    expect(listed()).toEqual([]);
  });

  it('leaves other Secrets of the account alone', async () => {
    await start('always');
    harness.api.store.create(refs.serviceAccounts, 'default', {
      metadata: { name: 'bot' },
      secrets: [{ name: 'pull' }],
    });
    harness.api.store.create(refs.secrets, 'default', { metadata: { name: 'pull' }, type: 'Opaque' });
    await eventually(() => {
      expect(listed()).toHaveLength(2);
    });
    expect(listed()[0]).toBe('pull');
    expect(secrets()).toHaveLength(2);
  });
});
