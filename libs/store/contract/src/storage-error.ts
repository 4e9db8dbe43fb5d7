export type StorageErrorCode =
  /** The revision expected is not the newest: lost a compare-and-swap. */
  | 'Conflict'
  /** The key exists already. */
  | 'Exists'
  | 'NotFound'
  /** The revision asked for is below the floor. */
  | 'Compacted'
  /** The revision asked for is newer than the log. */
  | 'TooLarge'
  /** Known not to be written (disk full, busy). */
  | 'LogWriteFailed'
  /** Files are damaged, locked by another process, or of another program. */
  | 'LogUnusable'
  | 'Closed';

/** Failures of the store plane. `hint` tells a person at a terminal what to do next. */
export class StorageError extends Error {
  readonly code: StorageErrorCode;
  readonly hint: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(
    code: StorageErrorCode,
    message: string,
    options: { hint?: string; data?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'StorageError';
    this.code = code;
    this.hint = options.hint;
    this.data = options.data ?? {};
  }
}
