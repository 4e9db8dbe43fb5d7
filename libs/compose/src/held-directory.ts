import type { Running } from '@reckon/kernel';
import { lockDataDirectory } from '@reckon/store/log';
import { type DataDirectory, dataDirectory, makeDataDirectory, removeSocketFolder } from './data-directory';

/** A data directory that is ours until we stop or die. */
export interface HeldDirectory extends Running {
  readonly directory: DataDirectory;
}

/** Makes the folders and takes the lock. Throws `LogUnusable` while another process has it. */
export function holdDirectory(folder: string): HeldDirectory {
  const directory = dataDirectory(folder);
  makeDataDirectory(directory);
  const lock = lockDataDirectory(directory.folder);
  return {
    directory,
    stop: () => {
      removeSocketFolder(directory);
      lock.release();
      return Promise.resolve();
    },
  };
}
