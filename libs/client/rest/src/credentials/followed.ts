import type { Clock } from '@reckon/kernel';

/** client-go/transport `CARefreshDuration`, `CertCallbackRefreshDuration` */
const lifetimeMs = 5 * 60_000;

/** What files hold: whoever asks has them read again when that is five minutes ago. What cannot be read changes nothing until the next look. */
export function followed<T>(first: T, clock: Pick<Clock, 'nowMs'>, read: () => T | undefined): () => T {
  let value = first;
  let readMs = clock.nowMs();
  return () => {
    const nowMs = clock.nowMs();
    if (nowMs - readMs >= lifetimeMs) {
      readMs = nowMs;
      value = read() ?? value;
    }
    return value;
  };
}
