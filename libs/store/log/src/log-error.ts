import { StorageError } from '@reckon/store/contract';
import type { StorageErrorCode } from '@reckon/store/contract';

export const closed = (): StorageError => new StorageError('Closed', 'the log is closed');

export const tooLarge = (requested: number, current: number): StorageError =>
  new StorageError('TooLarge', 'the requested revision is newer than the log', { data: { requested, current } });

export const notNewest = (at: number, key: string, previous: number): StorageError =>
  new StorageError('Conflict', "`previous` is not the key's newest entry", { data: { revision: at, key, previous } });

/** A `StorageError` on its way between threads. */
export interface ErrorFields {
  readonly code: StorageErrorCode;
  readonly message: string;
  readonly hint: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
}

export const errorFields = ({ code, message, hint, data }: StorageError): ErrorFields => ({
  code,
  message,
  hint,
  data,
});

export const fromFields = ({ code, message, hint, data }: ErrorFields): StorageError =>
  new StorageError(code, message, { ...(hint === undefined ? {} : { hint }), data });

/** The same of a file that is a copy: in the name of the one that it is a copy of, for nobody knows the other. */
export function inNameOf(name: string, file: string, error: unknown): unknown {
  if (!(error instanceof StorageError) || !error.message.includes(file)) return error;
  const { code, message, hint, data, cause } = error;
  return new StorageError(code, message.replaceAll(file, name), {
    ...(hint === undefined ? {} : { hint }),
    data: { ...data, ...(data['file'] === file ? { file: name } : {}) },
    cause,
  });
}
