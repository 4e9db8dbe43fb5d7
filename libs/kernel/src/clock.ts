/** Milliseconds since 1970. API time: timestamps, leases, TTLs, backoff, our own tokens. May be virtual. */
export interface Clock {
  nowMs(): number;
}

/** Real time of day: X.509 and foreign tokens only. */
export interface WallClock {
  wallMs(): number;
}

/** Never goes back; for sockets, time-outs, latencies. Fractions of a millisecond. */
export interface Monotonic {
  elapsedMs(): number;
}

/** Cancels the timer; calling it again does nothing. */
export type CancelTimer = () => void;

/** Timers run on real time unless a test's fake drives them. They do not keep the process alive. */
export interface Timers {
  after(ms: number, run: () => void): CancelTimer;
  every(ms: number, run: () => void): CancelTimer;
  /** Resolves after `ms`, or at once when the signal is aborted (it never rejects). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock & WallClock & Monotonic = {
  nowMs: () => Date.now(),
  wallMs: () => Date.now(),
  elapsedMs: () => performance.now(),
};

const longestTimeoutMs = 2 ** 31 - 1;

export const systemTimers: Timers = {
  after(ms, run) {
    const timer = setTimeout(run, Math.min(ms, longestTimeoutMs));
    timer.unref();
    return () => {
      clearTimeout(timer);
    };
  },
  every(ms, run) {
    const timer = setInterval(run, ms);
    timer.unref();
    return () => {
      clearInterval(timer);
    };
  },
  sleep(ms, signal) {
    return new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const timer = setTimeout(done, Math.min(ms, longestTimeoutMs));
      function done(): void {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      }
      signal?.addEventListener('abort', done);
    });
  },
};
