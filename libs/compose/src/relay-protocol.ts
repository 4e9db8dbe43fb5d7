import type { RelayOptions, RelayState } from '@reckon/store/relay';
import type { LogFormat } from './log-format';

/** `workerData` of the relay's thread. */
export interface RelayData {
  /** The log.db that it follows by a connection of its own. */
  readonly file: string;
  readonly relay: RelayOptions;
  readonly verbosity: number;
  readonly loggingFormat?: LogFormat;
}

export type ToRelay =
  | { readonly type: 'stop' }
  | { readonly type: 'metrics'; readonly id: number }
  | { readonly type: 'state'; readonly id: number };

export type FromRelay =
  | { readonly type: 'metrics'; readonly id: number; readonly answer: string }
  | { readonly type: 'state'; readonly id: number; readonly answer: RelayState };
