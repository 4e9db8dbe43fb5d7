import type { Logger, Monotonic } from '@reckon/kernel';
import { type Revision, StorageError } from '@reckon/store/contract';

interface WriteFailuresParts {
  readonly storage: { readonly revision: Revision };
  readonly monotonic: Monotonic;
  readonly logger: Logger;
}

interface WriteFailures {
  /** What lies behind a 500. Anything but a change that the log could not take is none of ours. */
  readonly note: (cause: unknown) => void;
  /** Why changes are not taken now; undefined while they are. */
  readonly current: () => string | undefined;
}

/** One full disk refuses many changes: it is told this often. */
const tellMs = 60_000;
/** Without another attempt nobody knows whether it still holds: a server that is never asked would never be ready again. */
const validMs = 30_000;

/** Changes that were not written, as on a full disk: reads go on, so that only this says so. Over as soon as a change is taken. */
export function writeFailures({ storage, monotonic, logger }: WriteFailuresParts): WriteFailures {
  let failure: { readonly why: string; readonly revision: Revision; readonly atMs: number } | undefined;
  let toldMs = Number.NEGATIVE_INFINITY;
  return {
    note(cause) {
      if (!(cause instanceof StorageError) || cause.code !== 'LogWriteFailed') return;
      const nowMs = monotonic.elapsedMs();
      failure = { why: cause.message, revision: storage.revision, atMs: nowMs };
      if (nowMs - toldMs < tellMs) return;
      toldMs = nowMs;
      logger.error('changes are refused: they cannot be written to the log', {
        reason: cause.message,
        ...(cause.hint === undefined ? {} : { hint: cause.hint }),
        ...cause.data,
      });
    },
    current() {
      if (failure === undefined) return undefined;
      if (storage.revision <= failure.revision && monotonic.elapsedMs() - failure.atMs < validMs) return failure.why;
      failure = undefined;
      return undefined;
    },
  };
}
