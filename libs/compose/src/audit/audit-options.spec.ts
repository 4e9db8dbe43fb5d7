import { describe, expect, it } from 'vitest';
import { auditFlags } from '../flags/audit-flags';
import type { FlagValues } from '../flags/flag-table';
import { auditOptions, auditOptionsOf } from './audit-options';

type AuditFlags = FlagValues<{ readonly Auditing: typeof auditFlags }>;

const initial = Object.fromEntries(
  Object.entries(auditFlags).map(([name, flag]) => [name, flag.initial]),
) as unknown as AuditFlags;
const read = (given: Partial<AuditFlags>) => {
  const warnings: string[] = [];
  const options = auditOptions({ ...initial, ...given }, (line) => warnings.push(line));
  return { options, warnings };
};
const files = { 'audit-policy-file': 'p', 'audit-log-path': 'l' };

describe('the flags of auditing', () => {
  it('say nothing where none is given', () => {
    expect(read({})).toEqual({ options: undefined, warnings: [] });
  });
  it('have upstream’s defaults', () => {
    const { options } = read({ ...files, 'audit-webhook-config-file': 'w' });
    expect(options).toEqual({
      policyFile: 'p',
      log: {
        mode: 'blocking',
        batch: { bufferSize: 10_000, maxBatchSize: 1, maxWaitMs: 0 },
        path: 'l',
        format: 'json',
        maxAgeDays: 366,
        maxBackups: 100,
        maxBytes: 100 * 1024 * 1024,
        compress: false,
      },
      webhook: {
        mode: 'batch',
        batch: { bufferSize: 10_000, maxBatchSize: 400, maxWaitMs: 30_000, throttle: { qps: 10, burst: 15 } },
        configFile: 'w',
        initialBackoffMs: 10_000,
      },
    });
    expect(
      auditOptionsOf({ auditPolicyFile: 'p', auditLogPath: 'l', auditWebhookConfigFile: 'w' }, () => undefined),
    ).toEqual(options);
  });
  it('rotate nothing at size 0', () => {
    expect(read({ ...files, 'audit-log-maxsize': 0 }).options?.log?.maxBytes).toBe(Number.POSITIVE_INFINITY);
  });
  it.each([
    [{ 'audit-policy-file': 'p' }, 'reckon: --audit-policy-file: without --audit-log-path or'],
    [{ 'audit-log-path': 'l' }, 'reckon: --audit-log-path: without --audit-policy-file nothing is written down'],
    [{ 'audit-webhook-config-file': 'w' }, 'reckon: --audit-webhook-config-file: without --audit-policy-file'],
  ])('%j alone write nothing down, and say so', (given, warning) => {
    const { options, warnings } = read(given);
    expect([options, warnings]).toEqual([undefined, [expect.stringContaining(warning)]]);
  });
  it.each([
    [{ 'audit-log-truncate-max-batch-size': 10 }, '--audit-log-truncate-max-batch-size: it is less than'],
    [
      { 'audit-log-mode': 'batch', 'audit-log-batch-throttle-enable': true },
      '--audit-log-batch-throttle-qps: it must be',
    ],
    [
      { 'audit-webhook-config-file': 'w', 'audit-webhook-batch-throttle-burst': 0 },
      '--audit-webhook-batch-throttle-burst: it must be a positive number',
    ],
  ] as const)('%j are refused by name', (given, message) => {
    expect(() => read({ ...files, ...given })).toThrow(message);
  });
});
