import { StorageError } from '@reckon/store/contract';
import { accessSync, constants } from 'node:fs';
import type { DataDirectory } from './data-directory';

/** Throws `LogUnusable` where a data directory has no event log, or one that this user may not read. */
export function demandLog({ folder, log }: DataDirectory): void {
  try {
    accessSync(log, constants.R_OK);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new StorageError('LogUnusable', `${folder} holds no event log`, {
        hint: 'Name the folder of a cluster with --data-dir.',
      });
    throw new StorageError('LogUnusable', `the event log of ${folder} cannot be read: ${message}`, {
      hint: 'Be the user whose cluster it is, or name another folder with --data-dir.',
    });
  }
}
