import type { Monotonic, Timers } from '@reckon/kernel';
import { type AuditBackend, AuditBackendError } from '../audit-backend';
import type { AuditEvent } from '../audit-event';

export interface BatchOptions {
  /** Events that wait at most; overflow: those that come are lost, and counted. */
  readonly bufferSize: number;
  readonly maxBatchSize: number;
  /** What has gathered goes after this long, however little it is. */
  readonly maxWaitMs: number;
  /** Batches per second, and how many at once after a pause. Absent: no limit. */
  readonly throttle?: { readonly qps: number; readonly burst: number };
  /** Batches that are under way at most; beyond them events wait. */
  readonly mostUnderWay: number;
}

export interface BatchParts {
  readonly timers: Timers;
  readonly monotonic: Monotonic;
  readonly lost: (plugin: string, error: unknown, count: number) => void;
}

/** Gathers events and hands them on in batches; nobody waits for them (plugin/pkg/audit/buffered). */
export function batchingBackend(target: AuditBackend, options: BatchOptions, parts: BatchParts): AuditBackend {
  const { bufferSize, maxBatchSize, maxWaitMs, throttle, mostUnderWay } = options;
  const { timers, monotonic, lost } = parts;
  let buffer: AuditEvent[] = [];
  let cancelWait: (() => void) | undefined;
  let cancelPause: (() => void) | undefined;
  let tokens = throttle?.burst ?? 0;
  let tokensMs = monotonic.elapsedMs();
  let isDue = false;
  const underWay = new Set<Promise<void>>();

  function takeToken(): boolean {
    if (throttle === undefined) return true;
    const nowMs = monotonic.elapsedMs();
    tokens = Math.min(throttle.burst, tokens + ((nowMs - tokensMs) * throttle.qps) / 1000);
    tokensMs = nowMs;
    if (tokens < 1) return false;
    tokens--;
    return true;
  }

  function send(): void {
    const batch = buffer.splice(0, maxBatchSize);
    const sending = Promise.resolve(target.process(batch))
      .catch((error: unknown) => {
        lost(target.name, error, batch.length);
      })
      .finally(() => {
        underWay.delete(sending);
        advance();
      });
    underWay.add(sending);
  }

  /** Sends what is due, as far as it may. */
  function advance(): void {
    while (buffer.length > 0 && (isDue || buffer.length >= maxBatchSize) && underWay.size < mostUnderWay) {
      if (!takeToken()) {
        cancelPause ??= timers.after(1000 / (throttle?.qps ?? 1), () => {
          cancelPause = undefined;
          advance();
        });
        return;
      }
      send();
    }
    if (buffer.length > 0) {
      if (!isDue) startWaiting();
      return;
    }
    isDue = false;
    cancelWait?.();
    cancelWait = undefined;
  }

  function startWaiting(): void {
    cancelWait ??= timers.after(maxWaitMs, () => {
      cancelWait = undefined;
      isDue = true;
      advance();
    });
  }

  return {
    name: target.name,
    process(events) {
      const room = bufferSize - buffer.length;
      if (events.length > room)
        lost(
          'buffered',
          new AuditBackendError('buffered', 'audit buffer queue blocked'),
          events.length - Math.max(0, room),
        );
      for (const event of events.slice(0, Math.max(0, room))) buffer.push(event);
      advance();
      return undefined;
    },
    async stop() {
      cancelWait?.();
      cancelPause?.();
      const left = buffer;
      buffer = [];
      for (let at = 0; at < left.length; at += maxBatchSize) {
        const batch = left.slice(at, at + maxBatchSize);
        const sending = Promise.resolve(target.process(batch)).catch((error: unknown) => {
          lost(target.name, error, batch.length);
        });
        underWay.add(sending);
      }
      // Cuts its retries short, after what was given to it has been tried.
      await target.stop();
      await Promise.allSettled(underWay);
    },
  };
}
