import { createKindRegistry } from '@reckon/api/kinds';
import { durationText } from '@reckon/api/machinery';
import { resourcePrefix } from '@reckon/store/contract';
import { usualEventTtlMs } from './event-expiry';
import { FlagValueError, durationMs } from './flags/flag';
import { OptionError } from './option-error';

/** How long the history of each resource is kept, in ms; `Infinity`: for ever. */
export interface RetentionRules {
  /** By prefix of the storage key. */
  readonly byPrefix: ReadonlyMap<string, number>;
  /** What has no rule of its own. */
  readonly othersMs: number;
}

const leases = resourcePrefix({ group: 'coordination.k8s.io', resource: 'leases' });
const events = resourcePrefix({ group: '', resource: 'events' });

const flag = '--retention';
const hint = `write ${flag} pods=24h,leases.coordination.k8s.io=5m,*=168h; a duration is Go's (90s, 1h30m) or forever`;
/** The log is looked at once a second at most. */
const leastMs = 1_000;

/**
 * The value of `--retention`, `<resource>=<duration>,…`, over the defaults: five minutes of Leases, Events for twice as long as they
 * live, everything else for ever. `*` is what has no rule of its own; it shortens the defaults but does not lengthen them. Events are
 * kept at least until they have expired. Throws `OptionError`.
 */
export function retentionRules(text: string, eventTtlMs = usualEventTtlMs): RetentionRules {
  const given = new Map<string, number>();
  let othersMs = Infinity;
  const seen = new Set<string>();
  for (const rule of text === '' ? [] : text.split(',')) {
    const [, name = '', duration = ''] = /^\s*([^=\s]+)\s*=\s*(\S+)\s*$/.exec(rule) ?? [];
    if (name === '') throw new OptionError(`${flag}: ${JSON.stringify(rule)} is not <resource>=<duration>`, hint);
    const keepMs = readDuration(name, duration);
    const prefix = name === '*' ? name : prefixOf(name);
    if (seen.has(prefix)) throw new OptionError(`${flag}: ${name} is named twice`, hint);
    seen.add(prefix);
    if (prefix === events && keepMs < eventTtlMs)
      throw new OptionError(
        `${flag}: ${name}: ${duration} is shorter than Events live`,
        `their history may go once they have expired, after ${durationText(eventTtlMs)}`,
      );
    if (name === '*') othersMs = keepMs;
    else given.set(prefix, keepMs);
  }
  const defaults = [
    [leases, Math.min(5 * 60_000, othersMs)],
    [events, Math.max(eventTtlMs, Math.min(2 * eventTtlMs, othersMs))],
  ] as const;
  return { byPrefix: new Map([...defaults, ...given]), othersMs };
}

function readDuration(name: string, text: string): number {
  if (text === 'forever') return Infinity;
  try {
    const ms = durationMs(text);
    if (ms >= leastMs) return ms;
  } catch (cause) {
    if (!(cause instanceof FlagValueError)) throw cause;
    throw new OptionError(`${flag}: ${name}: ${text} ${cause.message}`, hint, { cause });
  }
  throw new OptionError(`${flag}: ${name}: ${text} is too short, the least is ${durationText(leastMs)}`, hint);
}

/** Of `pods`, `deployments.apps`, or of a name alone that only one group has. */
function prefixOf(name: string): string {
  const dot = name.indexOf('.');
  const [resource, group] = dot === -1 ? [name, undefined] : [name.slice(0, dot), name.slice(dot + 1)];
  const found = createKindRegistry()
    .resources()
    .filter((row) => row.resource === resource && (group === undefined || row.group === group))
    .filter((row) => row.verbs.includes('get'));
  const prefixes = new Set(found.map(({ storage }) => resourcePrefix(storage)));
  const [prefix] = prefixes;
  if (prefix === undefined)
    throw new OptionError(
      `${flag}: there is no resource ${name}`,
      'name it as in pods or deployments.apps; "kubectl api-resources" lists them',
    );
  if (prefixes.size > 1)
    throw new OptionError(`${flag}: several groups have ${name}`, `name the group, like ${name}.apps`);
  return prefix;
}
