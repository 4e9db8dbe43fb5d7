import type { Logger, MetricsRegistry, Running, Timers } from '@reckon/kernel';
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
  timers,
  logger,
  metrics,
  use,
}: {
  readonly choice: EncryptionChoice;
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
        reloads.add(1, '', 'failure');
        throw error;
      }
      reloads.add(1, '', 'success');
    },
  });
}
