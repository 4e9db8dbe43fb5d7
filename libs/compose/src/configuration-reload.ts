import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Clock, Logger, MetricsRegistry, Running, Timers } from '@reckon/kernel';

export interface ConfigurationReloadParts {
  /** Which configuration it is: part of the metrics' names. */
  readonly of: 'authentication' | 'authorization';
  readonly file: string;
  /** What it held when the server began. */
  readonly text: string;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  /** Puts a text into effect. Throws where it cannot be used: then nothing has changed. `same`: it says nothing new. */
  readonly use: (text: string) => Used | Promise<Used>;
  /** What failed may do later without a change of the text: issuers come and go. Tried again each minute. */
  readonly isFailurePassing?: boolean;
}

type Used = 'used' | 'same';

/** A file is looked at this often: it is small, and a watch of it would miss the links of mounted ConfigMaps. */
const lookEveryMs = 1_000;
/** After so many looks a failure that may pass is a failure again: a minute, as upstream. */
const looksToTryAgain = 60;

/**
 * Follows the file of `--authentication-config` or `--authorization-config`. A text that cannot be used changes nothing: what is in force
 * stays, and it is said once for each text, or each minute (kubeapiserver/options `BuiltInAuthenticationOptions.ApplyTo`, kubeapiserver/authorizer
 * `runReload`).
 */
export function startConfigurationReload(parts: ConfigurationReloadParts): Running {
  const { of, file, clock, timers, logger, metrics, use, isFailurePassing = false } = parts;
  const prefix = `apiserver_${of}_config_controller`;
  const labels = ['apiserver_id_hash', 'status'];
  const reloads = metrics.counter(`${prefix}_automatic_reloads_total`, `Reloads of the ${of} configuration.`, labels);
  const lastTimes = metrics.gauge(
    `${prefix}_automatic_reload_last_timestamp_seconds`,
    `When the ${of} configuration was last reloaded.`,
    labels,
  );
  let inForce = parts.text;
  metrics.gaugesOf(
    `${prefix}_last_config_info`,
    `The ${of} configuration that is in force.`,
    ['apiserver_id_hash', 'hash'],
    () => [[['', `sha256:${createHash('sha256').update(inForce).digest('hex')}`], 1]],
  );
  const count = (status: 'success' | 'failure'): void => {
    reloads.add(1, '', status);
    lastTimes.set(clock.nowMs() / 1000, '', status);
  };
  /** What was last looked at, good or not; undefined: it could not be read. */
  let seen: string | undefined = parts.text;
  /** Until what failed is tried again; undefined: not before it changes. */
  let looksLeft: number | undefined;

  async function look(): Promise<void> {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (looksLeft !== undefined) looksLeft--;
    if (text === seen && looksLeft !== 0) return;
    seen = text;
    looksLeft = undefined;
    try {
      if (text === undefined) throw new Error('it cannot be read');
      if (text !== inForce && (await use(text)) === 'used') {
        inForce = text;
        count('success');
        logger.info(`${of} configuration is in force`, { file });
      }
    } catch (error) {
      count('failure');
      if (isFailurePassing || text === undefined) looksLeft = looksToTryAgain;
      const why = error instanceof Error ? error.message : String(error);
      logger.error(`${of} configuration is not used, the one before stays`, { file, error: why });
    }
  }

  let looking: Promise<void> | undefined;
  const end = timers.every(lookEveryMs, () => {
    looking ??= look().finally(() => {
      looking = undefined;
    });
  });
  return {
    async stop() {
      end();
      await looking;
    },
  };
}
