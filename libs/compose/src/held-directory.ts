import type { Running } from '@reckon/kernel';
import { lockDataDirectory } from '@reckon/store/log';
import { type DataDirectory, dataDirectory, hadLog, makeDataDirectory, removeSocketFolder } from './data-directory';

/** A data directory that is ours until we stop or die. */
export interface HeldDirectory extends Running {
  readonly directory: DataDirectory;
  /** As `hadLog`, from before it was ours. */
  readonly hadLog: boolean;
}

/** Makes the folders and takes the lock. Throws `LogUnusable` while another process has it. */
export function holdDirectory(folder: string): HeldDirectory {
  const directory = dataDirectory(folder);
  const had = hadLog(directory);
  makeDataDirectory(directory);
  const lock = lockDataDirectory(directory.folder);
  return {
    directory,
    hadLog: had,
    stop: () => {
      removeSocketFolder(directory);
      lock.release();
      return Promise.resolve();
    },
  };
}
