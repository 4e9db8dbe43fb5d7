import type { BatchOptions, TruncateOptions } from '@reckon/serve/audit';
import { auditFlags } from '../flags/audit-flags';
import type { FlagValues } from '../flags/flag-table';
import { OptionError } from '../option-error';

type AuditFlags = FlagValues<{ readonly Auditing: typeof auditFlags }>;
type Batch = Omit<BatchOptions, 'mostUnderWay'>;

export interface BackendOptions {
  readonly mode: 'batch' | 'blocking' | 'blocking-strict';
  readonly batch: Batch;
  /** Absent: events go out however large they are. */
  readonly truncate?: TruncateOptions;
}

export interface AuditOptions {
  readonly policyFile: string;
  readonly log?: BackendOptions & {
    /** `-` is standard output. */
    readonly path: string;
    readonly format: 'json' | 'legacy';
    readonly maxAgeDays: number;
    readonly maxBackups: number;
    readonly maxBytes: number;
    readonly compress: boolean;
  };
  readonly webhook?: BackendOptions & { readonly configFile: string; readonly initialBackoffMs: number };
}

/** The few flags of `reckon up`; for the others see `reckon apiserver`. */
export interface AuditFiles {
  readonly auditPolicyFile?: string;
  readonly auditLogPath?: string;
  readonly auditWebhookConfigFile?: string;
}

export function auditOptionsOf(files: AuditFiles, warn: (line: string) => void): AuditOptions | undefined {
  const usual = Object.fromEntries(
    Object.entries(auditFlags).map(([name, flag]) => [name, flag.initial]),
  ) as AuditFlags;
  return auditOptions(
    {
      ...usual,
      'audit-policy-file': files.auditPolicyFile ?? '',
      'audit-log-path': files.auditLogPath ?? '',
      'audit-webhook-config-file': files.auditWebhookConfigFile ?? '',
    },
    warn,
  );
}

const megabyte = 1024 * 1024;

/** What the flags of auditing say; undefined when nothing is to be written down. */
export function auditOptions(flags: AuditFlags, warn: (line: string) => void): AuditOptions | undefined {
  const policyFile = flags['audit-policy-file'];
  const path = flags['audit-log-path'];
  const configFile = flags['audit-webhook-config-file'];
  if (path === '' && configFile === '') {
    if (policyFile !== '')
      warn(
        'reckon: --audit-policy-file: without --audit-log-path or --audit-webhook-config-file nothing is written down',
      );
    return undefined;
  }
  if (policyFile === '') {
    warn(
      `reckon: ${path === '' ? '--audit-webhook-config-file' : '--audit-log-path'}: without --audit-policy-file nothing is written down`,
    );
    return undefined;
  }
  return {
    policyFile,
    ...(path === '' ? {} : { log: { ...backend(flags, 'log'), ...logFile(flags) } }),
    ...(configFile === ''
      ? {}
      : {
          webhook: {
            ...backend(flags, 'webhook'),
            configFile,
            initialBackoffMs: initialBackoffMs(flags),
          },
        }),
  };
}

/** The newer name, unless only the older one says something. */
function initialBackoffMs(flags: AuditFlags): number {
  const given = flags['audit-webhook-initial-backoff'];
  return given === auditFlags['audit-webhook-initial-backoff'].initial
    ? flags['audit-webhook-batch-initial-backoff']
    : given;
}

const logFile = (flags: AuditFlags) => ({
  path: flags['audit-log-path'],
  format: flags['audit-log-format'],
  maxAgeDays: flags['audit-log-maxage'],
  maxBackups: flags['audit-log-maxbackup'],
  maxBytes: flags['audit-log-maxsize'] === 0 ? Number.POSITIVE_INFINITY : flags['audit-log-maxsize'] * megabyte,
  compress: flags['audit-log-compress'],
});

function backend(flags: AuditFlags, name: 'log' | 'webhook'): BackendOptions {
  const mode = flags[`audit-${name}-mode`];
  const truncate = {
    maxEventSize: flags[`audit-${name}-truncate-max-event-size`],
    maxBatchSize: flags[`audit-${name}-truncate-max-batch-size`],
  };
  if (truncate.maxBatchSize < truncate.maxEventSize)
    throw new OptionError(
      `--audit-${name}-truncate-max-batch-size: it is less than --audit-${name}-truncate-max-event-size`,
      'a batch must have room for the largest event',
    );
  const qps = flags[`audit-${name}-batch-throttle-qps`];
  const burst = flags[`audit-${name}-batch-throttle-burst`];
  const isThrottled = flags[`audit-${name}-batch-throttle-enable`];
  if (mode === 'batch' && isThrottled && (qps <= 0 || burst <= 0))
    throw new OptionError(
      `--audit-${name}-batch-throttle-${qps <= 0 ? 'qps' : 'burst'}: it must be a positive number`,
      `or give --audit-${name}-batch-throttle-enable=false`,
    );
  return {
    mode,
    batch: {
      bufferSize: flags[`audit-${name}-batch-buffer-size`],
      maxBatchSize: flags[`audit-${name}-batch-max-size`],
      maxWaitMs: flags[`audit-${name}-batch-max-wait`],
      ...(isThrottled ? { throttle: { qps, burst } } : {}),
    },
    ...(flags[`audit-${name}-truncate-enabled`] ? { truncate } : {}),
  };
}
