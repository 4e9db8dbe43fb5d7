import { timeText } from '@reckon/api/machinery';
import { refs } from '@reckon/client/rest';
import { fakeClock } from '@reckon/kernel';
import { type ClientHarness, eventually } from '@reckon/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { startControllersForTest } from '../testing/controller-test.suite';
import { bootstrapSignerController } from './bootstrap-signer-controller';
import { type Secret, detachedSignature, remainingMs, signingToken } from './bootstrap-token';
import { tokenCleanerController } from './token-cleaner-controller';

const nowMs = Date.UTC(2026, 0, 1);
const tokenSecret = (id: string, data: Record<string, string> = {}): Secret => ({
  metadata: { namespace: 'kube-system', name: `bootstrap-token-${id}` },
  type: 'bootstrap.kubernetes.io/token',
  data: Object.fromEntries(
    Object.entries({
      'token-id': id,
      'token-secret': '0123456789abcdef',
      'usage-bootstrap-signing': 'true',
      ...data,
    }).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  ),
});

describe('a bootstrap token', () => {
  it.each<[string, Secret, boolean]>([
    ['whole', tokenSecret('abcdef'), true],
    ['that ends later', tokenSecret('abcdef', { expiration: timeText(nowMs + 1000) }), true],
    ['that is over', tokenSecret('abcdef', { expiration: timeText(nowMs) }), false],
    ['whose end is no time', tokenSecret('abcdef', { expiration: 'tomorrow' }), false],
    ['for authentication only', tokenSecret('abcdef', { 'usage-bootstrap-signing': 'false' }), false],
    ['without a secret', tokenSecret('abcdef', { 'token-secret': '' }), false],
    ['under another name', { ...tokenSecret('abcdef'), metadata: { name: 'bootstrap-token-other' } }, false],
  ])('%s signs or not', (_name, secret, signs) => {
    expect(signingToken(secret, nowMs) !== undefined).toBe(signs);
  });

  it('has an end or none', () => {
    expect(remainingMs(tokenSecret('a'), nowMs)).toBeUndefined();
    expect(remainingMs(tokenSecret('a', { expiration: '2026-01-01T02:00:01+02:00' }), nowMs)).toBe(1000);
    expect(remainingMs(tokenSecret('a', { expiration: '2025-01-01T00:00:00Z' }), nowMs)).toBe(0);
  });

  it('signs as upstream does', () => {
    // The header {"alg":"HS256","kid":"abcdef"}, no content, and what `openssl dgst -sha256 -hmac 0123456789abcdef` makes of both.
    expect(detachedSignature('content', { id: 'abcdef', key: '0123456789abcdef' })).toBe(
      'eyJhbGciOiJIUzI1NiIsImtpZCI6ImFiY2RlZiJ9..psz1NayrXM3IaFzKZGsb5n_mBl7MjtlsZ1xE8MRmF_4',
    );
  });
});

describe('the controllers of bootstrap tokens', () => {
  let harness: ClientHarness;
  afterEach(() => harness.stop());
  const signatures = (): string[] =>
    Object.keys(harness.api.store.find(refs.configMaps, 'kube-public', 'cluster-info')?.['data'] ?? {}).sort();

  it('keep the signatures of cluster-info, and take them away with the tokens', async () => {
    const time = fakeClock(nowMs);
    harness = await startControllersForTest([bootstrapSignerController, tokenCleanerController], { time });
    const { store } = harness.api;
    const data = { kubeconfig: 'clusters: []', 'jws-kubeconfig-stale0': 'x..y' };
    store.create(refs.configMaps, 'kube-public', { metadata: { name: 'cluster-info' }, data });
    const make = (secret: Secret): void => {
      store.create(refs.secrets, 'kube-system', secret);
    };
    make(tokenSecret('abcdef'));
    make(tokenSecret('short0', { expiration: timeText(nowMs + 60_000) }));
    await eventually(() => {
      expect(signatures()).toEqual(['jws-kubeconfig-abcdef', 'jws-kubeconfig-short0', 'kubeconfig']);
    });
    const current = store.get(refs.configMaps, 'kube-public', 'cluster-info');
    const signed = (current['data'] as Record<string, string>)['jws-kubeconfig-abcdef'];
    expect(signed).toBe(detachedSignature('clusters: []', { id: 'abcdef', key: '0123456789abcdef' }));

    store.update(refs.configMaps, 'kube-public', { ...current, data: { kubeconfig: 'other' } });
    await eventually(() => {
      expect(signatures()).toHaveLength(3);
    });
    await time.advance(60_000);
    await eventually(() => {
      expect(store.list(refs.secrets).map(({ metadata }) => metadata.name)).toEqual(['bootstrap-token-abcdef']);
      expect(signatures()).toEqual(['jws-kubeconfig-abcdef', 'kubeconfig']);
    });
  });
});
