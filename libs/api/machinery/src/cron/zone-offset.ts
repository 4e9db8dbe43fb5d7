/** How far a zone's clocks are ahead of UTC at a moment, in ms. */
export type ZoneOffset = (ms: number) => number;

/** What is UTC without looking. `Local` is the zone of the control plane: that of a container, whatever machine it runs on. */
const utcNames: ReadonlySet<string> = new Set(['', 'UTC', 'Local', 'Factory']);

/** Undefined if this runtime does not know the zone. Make it once: each costs some 100 µs. */
export function zoneOffset(zone: string): ZoneOffset | undefined {
  if (utcNames.has(zone)) return () => 0;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  return (ms) => offsetIn(format.format(ms));
}

/** Of `1/1/2026, GMT+05:30`; `GMT` alone is 0. */
function offsetIn(text: string): number {
  const [, sign, hours = '0', minutes = '0', seconds = '0'] =
    /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(text.replace('\u2212', '-')) ?? [];
  const ms = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
  return sign === '-' ? -ms : ms;
}

/** RFC 3339 as a clock of the zone shows it: `2026-01-01T01:00:00+01:00`, with `Z` where it shows UTC. */
export function zonedTimeText(ms: number, offset: ZoneOffset): string {
  const ahead = offset(ms);
  const local = new Date(Math.floor((ms + ahead) / 1000) * 1000).toISOString().slice(0, 19);
  if (ahead === 0) return `${local}Z`;
  const minutes = Math.floor(Math.abs(ahead) / 60_000);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${local}${ahead < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
