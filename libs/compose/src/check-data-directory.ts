import { StorageError } from '@reckon/store/contract';
import { type LogCheck, checkLog, lockDataDirectory } from '@reckon/store/log';
import { existsSync } from 'node:fs';
import { dataDirectory } from './data-directory';
import { readEncryption } from './encryption/read-encryption';

/**
 * Proves offline that the log of a data directory is sound; tells which file that is. Of what is encrypted, the contents are proved only
 * with the keys of `--encryption-provider-config`. Throws `LogUnusable` while another process uses it.
 */
export async function checkDataDirectory(
  folder: string,
  encryptionFile?: string,
): Promise<LogCheck & { readonly file: string }> {
  const encryption = await readEncryption(encryptionFile);
  const directory = dataDirectory(folder);
  if (!existsSync(directory.log))
    throw new StorageError('LogUnusable', `${directory.folder} holds no event log`, {
      hint: 'Name the folder of a cluster with --data-dir.',
    });
  const lock = lockDataDirectory(directory.folder);
  try {
    return { ...(await checkLog(directory.log, { keys: encryption?.keys ?? [] })), file: directory.log };
  } finally {
    lock.release();
  }
}
