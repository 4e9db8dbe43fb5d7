import { createHash } from 'node:crypto';
import type { Clock, Logger, MetricsRegistry, Running, Timers } from '@reckon/kernel';
import { OptionError } from '../option-error';
import { followFiles } from '../follow-files';
import type { EncryptionOptions } from '@reckon/store/log';
import { encryptionOf, encryptionText } from './read-encryption';

/** What the flags of encryption at rest say. */
export interface EncryptionChoice {
  readonly file: string;
  /** What the file held when the program began, and what that says. */
  readonly text: string;
  readonly options: EncryptionOptions;
  /** `--encryption-provider-config-automatic-reload`. */
  readonly isFollowed: boolean;
}

/** Reads and proves the file now. Throws `OptionError` that names it. */
export async function encryptionChoice(flags: {
  readonly file: string | undefined;
  readonly isFollowed: boolean | undefined;
}): Promise<{ readonly encryption?: EncryptionChoice }> {
  const { file = '', isFollowed = false } = flags;
  if (file !== '') {
    const text = encryptionText(file);
    return { encryption: { file, text, options: await encryptionOf(text, file), isFollowed } };
  }
  if (isFollowed)
    throw new OptionError(
      '--encryption-provider-config-automatic-reload is given without --encryption-provider-config',
      'name the file that shall be followed',
    );
  return {};
}

/** Hands a changed file to `use`; a broken one, or one that lacks a key in use, is told in the log and changes nothing. */
export function followEncryption({
  choice: { file, text: initial, isFollowed },
  clock,
  timers,
  logger,
  metrics,
  use,
}: {
  readonly choice: EncryptionChoice;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  readonly use: (options: EncryptionOptions) => Promise<void>;
}): Running {
  if (!isFollowed) return { stop: () => Promise.resolve() };
  const reloads = metrics.counter(
    'apiserver_encryption_config_controller_automatic_reloads_total',
    'Reloads of the encryption provider configuration.',
    ['apiserver_id_hash', 'status'],
  );
  const lastTimes = metrics.gauge(
    'apiserver_encryption_config_controller_automatic_reload_last_timestamp_seconds',
    'When the encryption provider configuration was last reloaded.',
    ['apiserver_id_hash', 'status'],
  );
  let inForce = hashOf(initial);
  metrics.gaugesOf(
    'apiserver_encryption_config_controller_last_config_info',
    'The encryption provider configuration that is in force.',
    ['apiserver_id_hash', 'hash'],
    () => [[['', inForce], 1]],
  );
  const count = (status: 'success' | 'failure'): void => {
    reloads.add(1, '', status);
    lastTimes.set(clock.nowMs() / 1000, '', status);
  };
  return followFiles({
    what: 'encryption provider configuration',
    files: [file],
    initial: [initial],
    timers,
    logger,
    async use([text = '']) {
      try {
        await use(await encryptionOf(text, file));
      } catch (error) {
        count('failure');
        throw error;
      }
      inForce = hashOf(text);
      count('success');
    },
  });
}

const hashOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;
