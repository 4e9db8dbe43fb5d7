import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FakeClock, type Running, fakeClock, seededRandom, silentLogger } from '@reckon/kernel';
import { type Credential, createAuthority, issue } from '@reckon/pki';
import { eventually } from '@reckon/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CertificateKeeping, keepCertificate, rotationMs } from './certificate-keeper';
import { CertificateStore } from './certificate-store';

const dayMs = 24 * 60 * 60 * 1000;
let dir: string;
let clock: FakeClock;
let keeper: Running | undefined;
let authority: Credential;
const changes: Credential[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'reckon-keeper-'));
  clock = fakeClock(Date.UTC(2026, 0, 1));
  authority = createAuthority({ commonName: 'a', clock });
  changes.length = 0;
});
afterEach(async () => {
  await keeper?.stop();
  rmSync(dir, { recursive: true });
});

const certificate = (): Credential => issue(authority, { commonName: 'n', usages: ['client'], clock, days: 10 });
const keep = (more: Partial<CertificateKeeping>): CertificateStore => {
  const store = new CertificateStore(dir, 'kubelet-client');
  keeper = keepCertificate({
    store,
    current: certificate(),
    clock,
    timers: clock,
    random: seededRandom(7),
    logger: silentLogger,
    request: () => Promise.resolve(certificate()),
    changed: (credential) => changes.push(credential),
    ...more,
  });
  return store;
};

describe('a kept certificate', () => {
  it('is replaced between seven and nine tenths of its life', async () => {
    const { certPem } = certificate();
    for (const seed of [1, 2, 3, 4, 5]) {
      const days = (rotationMs(certPem, seededRandom(seed)) - clock.wallMs()) / dayMs;
      // Of eleven days, the first of which lies before now.
      expect(days).toBeGreaterThanOrEqual(6.7);
      expect(days).toBeLessThanOrEqual(8.9);
    }
    const store = keep({});
    await clock.advance(6.6 * dayMs);
    expect(changes).toEqual([]);
    await clock.advance(2.3 * dayMs);
    await eventually(() => {
      expect(changes).toHaveLength(1);
    });
    expect(store.current()).toEqual(changes[0]);
  });

  it('is asked for at once where there is none, and again after a failure, ever later', async () => {
    let asked = 0;
    keep({
      current: undefined,
      request: () => (++asked < 4 ? Promise.reject(new Error('no')) : Promise.resolve(certificate())),
    });
    const asks = (count: number): Promise<void> =>
      eventually(() => {
        expect(asked).toBe(count);
      });
    await asks(1);
    await clock.advance(2_000);
    await asks(2);
    await clock.advance(3_999);
    await asks(2);
    await clock.advance(1);
    await asks(3);
    await clock.advance(8_000);
    await eventually(() => {
      expect(changes).toHaveLength(1);
    });
  });

  it('stops while it asks', async () => {
    let reason: unknown;
    keep({
      current: undefined,
      request: (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            reason = signal.reason;
            reject(signal.reason as Error);
          });
        }),
    });
    await keeper?.stop();
    expect(String(reason)).toBe('Error: the kubelet stops');
    expect(changes).toEqual([]);
  });
});
