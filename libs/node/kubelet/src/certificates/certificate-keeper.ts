import { X509Certificate } from 'node:crypto';
import type { Logger, Random, Running, Timers, WallClock } from '@reckon/kernel';
import type { Credential } from '@reckon/pki';
import type { CertificateStore } from './certificate-store';

/** After a request that failed: as long as the next try. */
const firstBackoffMs = 2_000;
const longestBackoffMs = 5 * 60 * 1000;
/** Certificates that are hardly longer than they are backdated would be replaced without end. */
const leastMs = 1_000;

export interface CertificateKeeping {
  readonly store: CertificateStore;
  /** The one in use; undefined: there is none yet. */
  readonly current: Credential | undefined;
  readonly clock: WallClock;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
  /** Gets the next one; rejects when it cannot be had, or when the signal is aborted. */
  request(signal: AbortSignal): Promise<Credential>;
  /** Told once the new one is on disk. */
  changed(credential: Credential): void;
}

/** Keeps a certificate: asks for the next when seven to nine tenths of its life are over (client-go/util/certificate `manager`). */
export function keepCertificate(keeping: CertificateKeeping): Running {
  const abort = new AbortController();
  const working = keep(keeping, abort.signal);
  return {
    async stop() {
      abort.abort(new Error('the kubelet stops'));
      await working;
    },
  };
}

async function keep(keeping: CertificateKeeping, signal: AbortSignal): Promise<void> {
  const { clock, timers, random, logger, store } = keeping;
  let { current } = keeping;
  let backoffMs = firstBackoffMs;
  let dueMs = current === undefined ? 0 : rotationMs(current.certPem, random);
  while (!signal.aborted) {
    const waitMs = dueMs - clock.wallMs();
    if (waitMs > 0) {
      // Timers have an end; then it is looked at again.
      await timers.sleep(waitMs, signal);
      continue;
    }
    try {
      current = await keeping.request(signal);
      await store.save(current, clock.wallMs());
      keeping.changed(current);
      dueMs = Math.max(rotationMs(current.certPem, random), clock.wallMs() + leastMs);
      backoffMs = firstBackoffMs;
      logger.info('certificate rotated', { file: store.currentFile });
    } catch (error) {
      if (signal.aborted) return;
      logger.warn('certificate not rotated', { file: store.currentFile, error: String(error) });
      await timers.sleep(backoffMs, signal);
      backoffMs = Math.min(2 * backoffMs, longestBackoffMs);
    }
  }
}

/** When to ask for the next one: not all nodes at the same time. */
export function rotationMs(certPem: string, random: Random): number {
  const { validFrom, validTo } = new X509Certificate(certPem);
  const [fromMs, toMs] = [Date.parse(validFrom), Date.parse(validTo)];
  return fromMs + (toMs - fromMs) * (0.7 + 0.2 * random.float());
}
