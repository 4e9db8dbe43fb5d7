import type { CompactionPlan } from '@reckon/store/contract';
import type { BatchMessage } from '../batch';
import type { EncryptionOptions } from '../encryption/encryption-options';
import type { WrappingKeyUse } from '../encryption/sealed-entries';
import type { ErrorFields } from '../log-error';
import type { PackedEntries, PackedHeads } from '../packed-rows';

/** `workerData` of both workers. */
export interface WorkerData {
  readonly file: string;
  /** What errors call it; absent: by its path. */
  readonly fileName?: string;
  /** As `RECKON_FAILPOINTS`: `name=exit,…`. */
  readonly failpoints: string;
  /** Absent: nothing is encrypted. */
  readonly encryption?: EncryptionOptions;
}

export interface WriterData extends WorkerData {
  /** The log's id if it is born now. */
  readonly newId: string;
  readonly maxPages: number | undefined;
  /** A missing or empty file is a log that was lost. */
  readonly wasBorn?: boolean;
}

/** What the writer says once, when it is ready. */
export interface Opened {
  readonly id: string;
  readonly head: number;
  readonly lastAt: number;
  readonly floors: readonly CompactionPlan[];
}

// Types and not interfaces, which are open and so no `Requests`.
/** Requests with an answer, by name: what is asked, what is answered. */
export type WriterRequests = {
  heads: {
    ask: { readonly afterKeyId: number };
    answer: { readonly heads: PackedHeads; readonly lastKeyId: number | undefined };
  };
  compact: { ask: { readonly plan: readonly CompactionPlan[] }; answer: number };
  limitPages: { ask: { readonly pages: number | undefined }; answer: undefined };
  encrypt: { ask: EncryptionOptions; answer: undefined };
  isStale: { ask: { readonly key: string; readonly revision: number }; answer: boolean };
  wrappingKeys: { ask: undefined; answer: readonly WrappingKeyUse[] };
  close: { ask: undefined; answer: undefined };
};

export type ReaderRequests = {
  read: {
    ask: { readonly after: number; readonly to: number; readonly prefix: string; readonly window: number };
    answer: ReadAnswer;
  };
  listAt: {
    ask: { readonly at: number; readonly prefix: string; readonly startKey: string; readonly limit: number };
    /** `nextKey`: where the next transaction goes on, if the list is not complete. */
    answer: { readonly heads: PackedHeads; readonly nextKey: string | undefined };
  };
  revisionAt: { ask: { readonly timeMs: number; readonly head: number }; answer: number };
  /** Looks at some entries after a revision, none after another. */
  check: { ask: { readonly after: number; readonly to: number }; answer: CheckedStep };
  encrypt: { ask: EncryptionOptions; answer: undefined };
  close: { ask: undefined; answer: undefined };
};

export interface CheckedStep {
  /** Where the next step goes on. */
  readonly upTo: number;
  /** How many entries are not as they were written; revisions that are missing in one place count as one. */
  readonly damaged: number;
  /** The first of them. */
  readonly first?: { readonly revision: number; readonly problem: string };
}

export interface ReadAnswer {
  readonly entries: PackedEntries;
  /** Everything up to here has been looked at. */
  readonly upTo: number;
  /** How many revisions to look at next. */
  readonly window: number;
}

export type Requests = Record<string, { ask: unknown; answer: unknown }>;

export type ToWorker<R extends Requests> =
  | {
      readonly [K in keyof R & string]: {
        readonly type: 'ask';
        readonly id: number;
        readonly what: K;
        readonly ask: R[K]['ask'];
      };
    }[keyof R & string]
  | BatchMessage;

export type FromWorker =
  | { readonly type: 'opened'; readonly opened: Opened }
  | { readonly type: 'unusable'; readonly error: ErrorFields }
  /** Of the oldest batches that were not answered yet. */
  | {
      readonly type: 'settled';
      readonly outcomes: readonly { readonly committed: number; readonly failure?: ErrorFields }[];
    }
  | { readonly type: 'rewrapped'; readonly entries: number }
  | { readonly type: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly type: 'refusal'; readonly id: number; readonly error: ErrorFields }
  | { readonly type: 'fatal'; readonly message: string; readonly cause: string };
