export interface FatalChannel {
  /** Rejects with the first error, never resolves. */
  readonly raised: Promise<never>;
  readonly raise: (error: Error) => void;
  /** Called once with the first error, whenever that was. */
  readonly listen: (listener: (error: Error) => void) => void;
}

/** The first error after which a process can no longer be trusted with the log. */
export function fatalChannel(): FatalChannel {
  let first: Error | undefined;
  let listener: ((error: Error) => void) | undefined;
  let reject: (error: Error) => void;
  const raised = new Promise<never>((_, r) => {
    reject = r;
  });
  raised.catch(() => undefined);
  return {
    raised,
    raise: (error) => {
      if (first !== undefined) return;
      first = error;
      reject(error);
      listener?.(error);
    },
    listen: (l) => {
      listener = l;
      if (first !== undefined) l(first);
    },
  };
}

/** Rejects when the signal is aborted, never resolves. */
export function abortion(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    const abort = (): void => {
      reject(signal?.reason instanceof Error ? signal.reason : new Error('the start was given up'));
    };
    if (signal?.aborted === true) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}
