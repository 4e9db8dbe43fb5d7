import { StatusError } from '@reckon/api/machinery';
import type { Logger } from '@reckon/kernel';

export interface NameWriter {
  /** Has the object of this name looked at soon; may be called within the fold of a change. */
  look(name: string): void;
  /** Resolves when the write that is under way has ended. */
  stop(): Promise<void>;
}

/**
 * Calls `write` for every name that was asked for, one at a time. What has to be looked at is a set of names, so it is bounded by the
 * objects that there are.
 */
export function nameWriter(write: (name: string) => Promise<void>, logger: Logger, kind: string): NameWriter {
  const waiting = new Set<string>();
  let writing: Promise<void> | undefined;
  let isStopped = false;

  async function writeAll(): Promise<void> {
    // Not within the fold of the change that told us.
    await Promise.resolve();
    for (const name of waiting) {
      if (isStopped) break;
      waiting.delete(name);
      try {
        await write(name);
      } catch (error) {
        // Gone or changed meanwhile: then the next change looks again.
        if (!(error instanceof StatusError))
          logger.error('a status was not written', { kind, name, error: String(error) });
      }
    }
    writing = undefined;
    if (waiting.size > 0 && !isStopped) writing = writeAll();
  }

  return {
    look(name) {
      waiting.add(name);
      if (!isStopped) writing ??= writeAll();
    },
    async stop() {
      isStopped = true;
      await writing;
    },
  };
}
