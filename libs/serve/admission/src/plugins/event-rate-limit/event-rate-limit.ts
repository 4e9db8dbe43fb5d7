import { failure, StatusError } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { AdmissionAttributes, AdmissionPlugin } from '../../plugin';
import { isAbout } from '../../target';
import type { EventLimit, LimitType } from './event-rate-limit-configuration';

const keys: Readonly<Record<LimitType, (attributes: AdmissionAttributes) => string>> = {
  Server: () => '',
  Namespace: ({ namespace }) => namespace,
  User: ({ ctx }) => ctx.user.name,
  SourceAndObject: ({ object }) => {
    const { source = {}, involvedObject: about = {} } = (object ?? {}) as Partial<corev1.Event>;
    return [source.component, source.host, about.kind, about.namespace, about.name, about.uid, about.apiVersion].join(
      '',
    );
  },
};

/** Keeps Events from drowning the server (plugin/pkg/admission/eventratelimit). */
export function eventRateLimit(limits: readonly EventLimit[]): AdmissionPlugin {
  const buckets = limits.map((limit) => ({ limit, take: bucketsOf(limit) }));
  return {
    name: 'EventRateLimit',
    handles: (operation) => operation === 'CREATE' || operation === 'UPDATE',
    validate(attributes) {
      if (!isAbout(attributes, '', 'events')) return;
      let refusal: string | undefined;
      // Every limit counts the event, refused or not by another.
      for (const { limit, take } of buckets) {
        const key = keys[limit.type](attributes);
        if (!take(key, attributes.ctx.nowMs)) refusal = `limit reached on type ${limit.type} for key ${key}`;
      }
      if (refusal !== undefined)
        throw new StatusError(failure({ reason: 'TooManyRequests', message: `Too many requests: ${refusal}` }));
    },
  };
}

interface Bucket {
  tokens: number;
  atMs: number;
}

/** A bucket of tokens for each key; the one that was asked longest ago is forgotten first. */
function bucketsOf({ qps, burst, cacheSize }: EventLimit): (key: string, nowMs: number) => boolean {
  const all = new Map<string, Bucket>();
  return (key, nowMs) => {
    const bucket = all.get(key) ?? { tokens: burst, atMs: nowMs };
    all.delete(key);
    all.set(key, bucket);
    if (all.size > cacheSize) for (const [oldest] of all) if (all.size > cacheSize) all.delete(oldest);
    bucket.tokens = Math.min(burst, bucket.tokens + (Math.max(0, nowMs - bucket.atMs) / 1000) * qps);
    bucket.atMs = nowMs;
    if (bucket.tokens < 1) return false;
    bucket.tokens--;
    return true;
  };
}
