import { readFileSync } from 'node:fs';
import type { EncryptionOptions } from '@reckon/store/log';
import { OptionError } from '../option-error';

const flag = '--encryption-provider-config';
const hint =
  'name a file with an EncryptionConfiguration of apiserver.config.k8s.io/v1, as docs/encryption.md shows it';

/** What `--encryption-provider-config` says; undefined without the flag. What reads it is loaded only then. */
export async function readEncryption(file: string | undefined): Promise<EncryptionOptions | undefined> {
  if (file === undefined || file === '') return undefined;
  return encryptionOf(encryptionText(file), file);
}

/** Throws `OptionError`. */
export function encryptionText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new OptionError(`${flag}: cannot read ${file}`, 'name a file that this user may read', { cause });
  }
}

/** The same of the text of the file. Throws `OptionError`, which names flag and file and holds no key. */
export async function encryptionOf(text: string, file: string): Promise<EncryptionOptions> {
  const { EncryptionConfigError, parseEncryptionConfig } = await import('./encryption-config');
  if (text.trim() === '') throw new OptionError(`${flag}: ${file} is empty`, hint);
  try {
    return parseEncryptionConfig(text);
  } catch (cause) {
    if (!(cause instanceof EncryptionConfigError)) throw cause;
    throw new OptionError(`${flag}: ${file}: ${cause.message}`, hint, { cause });
  }
}
