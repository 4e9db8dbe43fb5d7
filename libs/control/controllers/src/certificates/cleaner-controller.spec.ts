import { timeText } from '@reckon/api/machinery';
import { fakeClock } from '@reckon/kernel';
import { type ClientHarness, eventually } from '@reckon/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { startControllersForTest } from '../testing/controller-test.suite';
import { type CertificateRequest, type RequestCondition, certificateRequests } from './certificate-request';
import { authority, certificateRequest, nodeWish, signing } from './certificate-requests.suite';
import { certificateCleanerController, hasExpired, isOverdue } from './cleaner-controller';

const nowMs = Date.UTC(2026, 0, 2);
const hourMs = 60 * 60 * 1000;
const ago = (hours: number): string => timeText(nowMs - hours * hourMs);
const condition = (type: string, hours: number): RequestCondition => ({
  type,
  status: 'True',
  lastUpdateTime: ago(hours),
});
const aged = (hours: number, conditions: RequestCondition[] = [], certificate?: string): CertificateRequest => {
  const request = certificateRequest(nodeWish, {}, conditions);
  return {
    ...request,
    metadata: { ...request.metadata, creationTimestamp: ago(hours) },
    status: { ...request.status, ...(certificate === undefined ? {} : { certificate }) },
  };
};
const certificate = Buffer.from(authority.certPem).toString('base64');

describe('a certificate request', () => {
  it.each<[string, CertificateRequest, boolean]>([
    ['waits for a day', aged(23.9), false],
    ['waits for more than a day', aged(24.1), true],
    ['was denied within the hour', aged(30, [condition('Denied', 0.9)]), false],
    ['was denied before', aged(30, [condition('Denied', 1.1)]), true],
    ['failed before', aged(2, [condition('Approved', 1.9), condition('Failed', 1.1)]), true],
    ['was issued within the hour', aged(30, [condition('Approved', 0.9)], certificate), false],
    ['was issued before', aged(2, [condition('Approved', 1.1)], certificate), true],
    ['is approved, and nobody signs it for a day', aged(24, [condition('Approved', 23.9)]), false],
    ['is approved, and nobody signs it for more', aged(25, [condition('Approved', 24.1)]), true],
  ])('that %s', (_name, request, isOld) => {
    expect(isOverdue(request, nowMs)).toBe(isOld);
  });

  it('is over with its certificate', () => {
    const request = aged(0, [condition('Approved', 0)], certificate);
    const endMs = signing.clock.wallMs() + 3650 * 24 * hourMs;
    expect(hasExpired(request, endMs - 1000 * 60)).toBe(false);
    expect(hasExpired(request, endMs + 1000 * 60)).toBe(true);
    expect(hasExpired(aged(0, [condition('Approved', 0)], 'eA=='), endMs * 2)).toBe(false);
    expect(hasExpired(aged(0, []), endMs * 2)).toBe(false);
  });
});

describe('the cleaner', () => {
  let harness: ClientHarness;
  afterEach(() => harness.stop());

  it('looks at all of them once an hour', async () => {
    const time = fakeClock(nowMs);
    harness = await startControllersForTest([certificateCleanerController], {
      time,
      prepare: ({ api }) => {
        for (const [name, denied] of [
          ['old', 2],
          ['young', 0.5],
        ] as const)
          api.store.create(certificateRequests, '', {
            ...aged(3, [condition('Denied', denied)]),
            metadata: { name },
          });
      },
    });
    const names = (): unknown => harness.api.store.list(certificateRequests).map(({ metadata }) => metadata.name);
    await eventually(() => {
      expect(names()).toEqual(['young']);
    });
    await time.advance(hourMs + 1);
    await eventually(() => {
      expect(names()).toEqual([]);
    });
  });
});
