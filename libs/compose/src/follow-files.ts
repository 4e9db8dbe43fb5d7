import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Logger, Running, Timers } from '@reckon/kernel';

export interface FollowedFiles {
  /** What the files are, for the log. */
  readonly what: string;
  readonly files: readonly string[];
  readonly timers: Timers;
  readonly logger: Logger;
  /** Default: a second. */
  readonly everyMs?: number;
  /** What is in effect when this begins; default: the first look is put into effect too. */
  readonly initial?: readonly string[];
  /** Puts the new contents into effect. What it throws is said once, and what was in effect stays. */
  readonly use: (texts: readonly string[]) => void | Promise<void>;
}

/**
 * Follows files that make one value: a certificate with its key. Contents are compared, and not times or names: the links of mounted
 * Secrets change all at once. Files that are replaced one after the other may be seen half done, which is one complaint and is mended at
 * the next look.
 */
export function followFiles({ what, files, timers, logger, everyMs = 1_000, initial, use }: FollowedFiles): Running {
  let before = initial === undefined ? undefined : stampOf(initial);
  let looking: Promise<void> | undefined;

  async function look(): Promise<void> {
    let seen: string;
    let texts: readonly string[] = [];
    let failure: Error | undefined;
    try {
      texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
      seen = stampOf(texts);
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
      seen = String(error);
    }
    if (seen === before) return;
    const isFirst = before === undefined;
    before = seen;
    try {
      if (failure !== undefined) throw failure;
      // What the server began with is read once more: it may have changed since.
      await use(texts);
      if (!isFirst) logger.info('changed files are in use', { what, files });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      logger.error('changed files cannot be used, what was before stays', { what, files, error: reason });
    }
  }

  const lookOnce = (): void => {
    looking ??= look().finally(() => {
      looking = undefined;
    });
  };
  lookOnce();
  const end = timers.every(everyMs, lookOnce);
  return {
    async stop() {
      end();
      await looking;
    },
  };
}

/** Not the contents, which may be keys. */
const stampOf = (texts: readonly string[]): string => createHash('sha256').update(JSON.stringify(texts)).digest('hex');
