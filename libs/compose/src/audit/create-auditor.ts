import type { Clock, Logger, MetricsRegistry, Monotonic, Random, Timers } from '@reckon/kernel';
import type { AuditBackend, AuditPolicy, AuditSink, Auditor } from '@reckon/serve/audit';
import type { WebhookEndpoint } from '@reckon/serve/authn';
import { readFileSync } from 'node:fs';
import { OptionError } from '../option-error';
import type { AuditOptions, BackendOptions } from './audit-options';

export interface AuditorBasics {
  readonly clock: Clock & Monotonic;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
}

/** Webhooks take their time: this many batches may be on their way. */
const webhookBatches = 50;

/** The auditor that the options describe. Throws `OptionError` for a file that cannot be used. */
export async function createAuditor(options: AuditOptions, basics: AuditorBasics): Promise<Auditor> {
  const audit = await import('@reckon/serve/audit');
  const policy = await readPolicy(options.policyFile, basics);
  const sinks: AuditSink[] = [];
  // It does not lose anything before there is something.
  let lost: Auditor['lost'] = () => undefined;
  const tellLost: Auditor['lost'] = (...what) => {
    lost(...what);
  };
  const add = (target: AuditBackend, { mode, batch, truncate }: BackendOptions, mostUnderWay: number): void => {
    const parts = { timers: basics.timers, monotonic: basics.clock, lost: tellLost };
    const gathered = mode === 'batch' ? audit.batchingBackend(target, { ...batch, mostUnderWay }, parts) : target;
    const backend = truncate === undefined ? gathered : audit.truncatingBackend(gathered, truncate, tellLost);
    sinks.push({ backend, isStrict: mode === 'blocking-strict' });
  };
  const { log, webhook } = options;
  if (log !== undefined) {
    const lines = log.path === '-' ? audit.streamLines(process.stdout) : await openLog(log, basics);
    add(audit.logBackend(lines, log.format), log, 1);
  }
  if (webhook !== undefined) {
    const { webhookClient } = await import('@reckon/serve/authn');
    const client = webhookClient(await readWebhook(webhook.configFile));
    add(
      audit.webhookBackend({ ...basics, client, initialBackoffMs: webhook.initialBackoffMs }),
      webhook,
      webhookBatches,
    );
  }
  const auditor = new audit.Auditor({
    ...basics,
    monotonic: basics.clock,
    policy,
    sinks,
    isLegacyAsked: log?.format === 'legacy',
  });
  lost = auditor.lost;
  return auditor;
}

async function openLog(log: NonNullable<AuditOptions['log']>, { clock, logger }: AuditorBasics) {
  const { RotatingFile } = await import('@reckon/serve/audit');
  try {
    return await RotatingFile.open({ ...log, clock, logger });
  } catch (cause) {
    throw new OptionError(
      `--audit-log-path: cannot write to ${log.path}: ${whyOf(cause)}`,
      'name a file that can be made and written to, or - for standard output',
      { cause },
    );
  }
}

async function readWebhook(file: string): Promise<WebhookEndpoint> {
  const { readWebhookEndpoint } = await import('../review-endpoint');
  try {
    return readWebhookEndpoint(file);
  } catch (cause) {
    throw new OptionError(
      `--audit-webhook-config-file: ${file}: ${whyOf(cause)}`,
      'name a kubeconfig whose current context leads to the server that takes audit events',
      { cause },
    );
  }
}

async function readPolicy(file: string, { logger }: Pick<AuditorBasics, 'logger'>): Promise<AuditPolicy> {
  const hint = 'it must hold a Policy of audit.k8s.io/v1 with rules, in YAML or JSON; docs/audit.md shows one';
  let content: unknown;
  try {
    const { parse } = await import('../yaml-text');
    content = parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new OptionError(`--audit-policy-file: cannot read ${file}: ${whyOf(cause)}`, hint, { cause });
  }
  const { readAuditPolicy } = await import('@reckon/serve/audit');
  try {
    return readAuditPolicy(content, (fields) => {
      logger.warn('fields of the audit policy are not known, and left out', { file, fields });
    });
  } catch (cause) {
    throw new OptionError(`--audit-policy-file: ${file}: ${whyOf(cause)}`, hint, { cause });
  }
}

const whyOf = (cause: unknown): string =>
  cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
