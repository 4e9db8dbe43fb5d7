import { refs } from '@reckon/client/rest';
import { type ClientHarness, eventually } from '@reckon/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { startControllersForTest } from '../testing/controller-test.suite';
import { rootCaPublisher } from './root-ca-publisher';

let harness: ClientHarness;
afterEach(() => harness.stop());
const published = () => harness.api.store.find(refs.configMaps, 'x', 'kube-root-ca.crt');

describe('the root CA publisher', () => {
  it('publishes the CA in every namespace, and restores it when it is changed or deleted', async () => {
    harness = await startControllersForTest([rootCaPublisher]);
    harness.api.store.create(refs.namespaces, '', { metadata: { name: 'x' } });
    await eventually(() => {
      expect(published()).toMatchObject({ data: { 'ca.crt': 'CA' } });
    });
    const right = published()!;
    expect(right.metadata.annotations?.['kubernetes.io/description']).toContain('Contains a CA bundle');
    harness.api.store.put(refs.configMaps, { ...right, data: { 'ca.crt': 'evil', more: '1' } });
    await eventually(() => {
      expect(published()?.['data']).toEqual({ 'ca.crt': 'CA' });
    });
    harness.api.store.delete(refs.configMaps, 'x', 'kube-root-ca.crt');
    await eventually(() => {
      expect(published()).toMatchObject({ data: { 'ca.crt': 'CA' } });
    });
  });
});
