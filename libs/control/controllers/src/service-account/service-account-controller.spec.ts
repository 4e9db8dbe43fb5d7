import { refs } from '@reckon/client/rest';
import { type ClientHarness, eventually } from '@reckon/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { startControllersForTest } from '../testing/controller-test.suite';
import { serviceAccountController } from './service-account-controller';

let harness: ClientHarness;
afterEach(() => harness.stop());
const account = (namespace: string) => harness.api.store.find(refs.serviceAccounts, namespace, 'default');

describe('the service account controller', () => {
  it('gives every namespace its default account, and again when it is deleted', async () => {
    harness = await startControllersForTest([serviceAccountController], {
      prepare: ({ api }) => {
        api.store.create(refs.namespaces, '', { metadata: { name: 'old' } });
      },
    });
    harness.api.store.create(refs.namespaces, '', { metadata: { name: 'new' } });
    await eventually(() => {
      expect([account('old'), account('new')].every((a) => a !== undefined)).toBe(true);
    });
    const { uid } = account('new')!.metadata;
    harness.api.store.delete(refs.serviceAccounts, 'new', 'default');
    await eventually(() => {
      expect(account('new')?.metadata.uid).not.toBe(uid);
      expect(account('new')).toBeDefined();
    });
  });

  it('leaves a namespace alone that is going away', async () => {
    harness = await startControllersForTest([serviceAccountController]);
    harness.api.store.create(refs.namespaces, '', { metadata: { name: 'x' } });
    await eventually(() => {
      expect(account('x')).toBeDefined();
    });
    harness.api.store.delete(refs.namespaces, '', 'x');
    await new Promise((resolve) => setTimeout(resolve, 50));
    harness.api.store.delete(refs.serviceAccounts, 'x', 'default');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(account('x')).toBeUndefined();
  });
});
