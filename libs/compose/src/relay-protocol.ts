import type { EncryptionOptions } from '@reckon/store/log';
import type { RelayOptions, RelayState } from '@reckon/store/relay';
import type { LogFormat } from './log-format';

/** `workerData` of the relay's thread. */
export interface RelayData {
  /** The log.db that it follows by a connection of its own. */
  readonly file: string;
  readonly relay: RelayOptions;
  /** One number: 1 while a `grown` is underway. */
  readonly isTold: Int32Array;
  /** How often the file is asked besides, should news get lost. */
  readonly pollMs: number;
  readonly verbosity: number;
  readonly loggingFormat?: LogFormat;
  /** What encrypted entries are read with. */
  readonly encryption?: EncryptionOptions;
}

export type ToRelay =
  /** The log has grown. Not sent again before `isTold` is 0. */
  | { readonly type: 'grown' }
  | { readonly type: 'decrypt'; readonly encryption: EncryptionOptions }
  | { readonly type: 'stop' }
  | { readonly type: 'metrics'; readonly id: number }
  | { readonly type: 'state'; readonly id: number };

export type FromRelay =
  | { readonly type: 'metrics'; readonly id: number; readonly answer: string }
  | { readonly type: 'state'; readonly id: number; readonly answer: RelayState };
