import { StorageError, type CheckReport } from '@reckon/store/contract';
import { checkLog, lockDataDirectory } from '@reckon/store/log';
import { existsSync } from 'node:fs';
import { dataDirectory } from './data-directory';

/** Proves offline that the log of a data directory is sound; tells which file that is. Throws `LogUnusable` while another process uses it. */
export async function checkDataDirectory(folder: string): Promise<CheckReport & { readonly file: string }> {
  const directory = dataDirectory(folder);
  if (!existsSync(directory.log))
    throw new StorageError('LogUnusable', `${directory.folder} holds no event log`, {
      hint: 'Name the folder of a cluster with --data-dir.',
    });
  const lock = lockDataDirectory(directory.folder);
  try {
    return { ...(await checkLog(directory.log)), file: directory.log };
  } finally {
    lock.release();
  }
}
