export interface AskedToStop {
  /** Aborted when asked. */
  readonly signal: AbortSignal;
  /** Resolves when asked. */
  readonly asked: Promise<void>;
  readonly ask: () => void;
}

/** SIGINT and SIGTERM, from now on. A second SIGINT does not wait: the log is sound at any moment. */
export function whenAskedToStop(): AskedToStop {
  const controller = new AbortController();
  const asked = new Promise<void>((resolve) => {
    controller.signal.addEventListener('abort', () => {
      process.once('SIGINT', () => process.exit(130));
      resolve();
    });
  });
  const ask = (): void => {
    controller.abort();
  };
  process.once('SIGINT', ask);
  process.once('SIGTERM', ask);
  return { signal: controller.signal, asked, ask };
}
