import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Clock, Logger, MetricsRegistry, Running, Timers } from '@reckon/kernel';
import type { AuthorizationConfiguration } from '@reckon/serve/authz';

/** A configuration file that may change while the server runs. */
export interface ReloadSource {
  readonly file: string;
  /** What it held when the server began. */
  readonly text: string;
  /** Throws what is wrong with a text. */
  readonly read: (text: string) => AuthorizationConfiguration;
}

export interface ReloadParts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
}

/** A file is looked at this often: it is small, and a watch of it would miss the links of mounted ConfigMaps. */
const lookEveryMs = 1_000;

/**
 * Puts a changed configuration into effect. One that cannot be used changes nothing: what is in force stays, and it is said once
 * for each text of the file (pkg/kubeapiserver/authorizer `runReload`).
 */
export function startReload(
  source: ReloadSource,
  { clock, timers, logger, metrics }: ReloadParts,
  use: (configuration: AuthorizationConfiguration) => void,
): Running {
  const prefix = 'apiserver_authorization_config_controller';
  const reloads = metrics.counter(`${prefix}_automatic_reloads_total`, 'Reloads of the authorization configuration.', [
    'apiserver_id_hash',
    'status',
  ]);
  const lastTimes = metrics.gauge(
    `${prefix}_automatic_reload_last_timestamp_seconds`,
    'When the authorization configuration was last reloaded.',
    ['apiserver_id_hash', 'status'],
  );
  let inForce = source.text;
  metrics.gaugesOf(
    `${prefix}_last_config_info`,
    'The authorization configuration that is in force.',
    ['apiserver_id_hash', 'hash'],
    () => [[['', `sha256:${createHash('sha256').update(inForce).digest('hex')}`], 1]],
  );
  const count = (status: 'success' | 'failure'): void => {
    reloads.add(1, '', status);
    lastTimes.set(clock.nowMs() / 1000, '', status);
  };

  /** What was last looked at, good or not; undefined: it could not be read. */
  let seen: string | undefined = source.text;

  async function look(): Promise<void> {
    const { file } = source;
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text === seen) return;
    seen = text;
    try {
      if (text === undefined) throw new Error('it cannot be read');
      use(source.read(text));
      inForce = text;
      count('success');
      logger.info('authorization configuration is in force', { file });
    } catch (error) {
      count('failure');
      const message = error instanceof Error ? error.message : String(error);
      logger.error('authorization configuration is not used, the one before stays', { file, error: message });
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
