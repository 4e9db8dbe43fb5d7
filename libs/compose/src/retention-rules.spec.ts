import { describe, expect, it } from 'vitest';
import { retentionRules } from './retention-rules';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const leases = '/coordination.k8s.io/leases/';
const events = '/core/events/';

const rulesOf = (text: string, eventTtlMs?: number): { others: number; named: Record<string, number> } => {
  const { othersMs, byPrefix } = retentionRules(text, eventTtlMs);
  return { others: othersMs, named: Object.fromEntries(byPrefix) };
};
const refusalOf = (text: string, eventTtlMs?: number): string => {
  try {
    retentionRules(text, eventTtlMs);
  } catch (error) {
    return (error as Error).message;
  }
  return '';
};

describe('--retention', () => {
  it('is by default five minutes of Leases, Events for twice their life, and all of everything else', () => {
    expect(rulesOf('')).toEqual({ others: Infinity, named: { [leases]: 5 * minuteMs, [events]: 2 * hourMs } });
    expect(rulesOf('', minuteMs).named[events]).toBe(2 * minuteMs);
  });

  it('names resources with or without their group, as the storage has them', () => {
    expect(rulesOf('pods=24h, deployments.apps=90m,replicasets=1h,events.events.k8s.io=3h').named).toEqual({
      [leases]: 5 * minuteMs,
      [events]: 3 * hourMs,
      '/core/pods/': 24 * hourMs,
      '/apps/deployments/': 90 * minuteMs,
      '/apps/replicasets/': hourMs,
    });
  });

  it('lets a rule win over *, which shortens the defaults but does not lengthen them', () => {
    expect(rulesOf('*=168h')).toEqual({
      others: 168 * hourMs,
      named: { [leases]: 5 * minuteMs, [events]: 2 * hourMs },
    });
    expect(rulesOf('*=1m')).toEqual({ others: minuteMs, named: { [leases]: minuteMs, [events]: hourMs } });
    expect(rulesOf('*=1m,leases.coordination.k8s.io=1h,pods=forever').named).toEqual({
      [leases]: hourMs,
      [events]: hourMs,
      '/core/pods/': Infinity,
    });
  });

  it.each([
    ['pods', '--retention: "pods" is not <resource>=<duration>'],
    ['pods=', '--retention: "pods=" is not <resource>=<duration>'],
    ['pods=1h,', '--retention: "" is not <resource>=<duration>'],
    ['=1h', '--retention: "=1h" is not <resource>=<duration>'],
    ['pods=a day', '--retention: "pods=a day" is not <resource>=<duration>'],
    ['pods=7d', '--retention: pods: 7d must be a duration such as 15s, 1m30s or 100ms'],
    ['pods=-1h', '--retention: pods: -1h must be a duration such as 15s, 1m30s or 100ms'],
    ['pods=10ms', '--retention: pods: 10ms is too short, the least is 1s'],
    ['pds=1h', '--retention: there is no resource pds'],
    ['deployments.batch=1h', '--retention: there is no resource deployments.batch'],
    ['tokenreviews.authentication.k8s.io=1h', '--retention: there is no resource tokenreviews.authentication.k8s.io'],
    ['__proto__=1h', '--retention: there is no resource __proto__'],
    ['pods=1h,pods=2h', '--retention: pods is named twice'],
    ['events=1h,events.events.k8s.io=2h', '--retention: events.events.k8s.io is named twice'],
    ['*=1h,*=2h', '--retention: * is named twice'],
    ['events=10m', '--retention: events: 10m is shorter than Events live'],
  ])('refuses %s', (text, why) => {
    expect(refusalOf(text)).toBe(why);
  });

  it('lets the history of Events go once they have expired', () => {
    expect(rulesOf('events=10m', 10 * minuteMs).named[events]).toBe(10 * minuteMs);
  });
});
