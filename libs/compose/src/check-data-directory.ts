import { type LogCheck, checkLog, lockDataDirectory } from '@reckon/store/log';
import { dataDirectory } from './data-directory';
import { demandLog } from './demand-log';
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
  demandLog(directory);
  const lock = lockDataDirectory(directory.folder);
  try {
    return { ...(await checkLog(directory.log, { keys: encryption?.keys ?? [] })), file: directory.log };
  } finally {
    lock.release();
  }
}
