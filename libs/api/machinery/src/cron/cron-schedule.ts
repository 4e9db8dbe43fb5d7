import { NumberSyntaxError, parseInt64 } from '@reckon/api/machinery';
import { durationProblem } from './go-duration';
import { locationProblem } from './time-zone';

/** The values of one field of a schedule. */
interface Bounds {
  readonly min: bigint;
  readonly max: bigint;
  readonly names?: ReadonlyMap<string, bigint>;
}

const numbered = (first: number, names: string): ReadonlyMap<string, bigint> =>
  new Map(names.split(' ').map((name, i) => [name, BigInt(first + i)]));

const fieldBounds: readonly Bounds[] = [
  { min: 0n, max: 59n },
  { min: 0n, max: 23n },
  { min: 1n, max: 31n },
  { min: 1n, max: 12n, names: numbered(1, 'jan feb mar apr may jun jul aug sep oct nov dec') },
  { min: 0n, max: 6n, names: numbered(0, 'sun mon tue wed thu fri sat') },
];

const descriptors: ReadonlySet<string> = new Set([
  '@yearly',
  '@annually',
  '@monthly',
  '@weekly',
  '@daily',
  '@midnight',
  '@hourly',
]);

/** What `strings.Fields` and `strings.TrimSpace` take for white space. */
const space = /[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;

/** Why the parser that CronJobs are read with (robfig/cron v3 `ParseStandard`) refuses a schedule, in its words. */
export function scheduleProblem(schedule: string): string | undefined {
  if (schedule === '') return 'empty spec string';
  let spec = schedule;
  if (spec.startsWith('TZ=') || spec.startsWith('CRON_TZ=')) {
    const end = spec.indexOf(' ');
    // A zone and nothing else: the parser that upstream uses panics. The caller refuses zones anyway.
    if (end < 0) return undefined;
    const zone = spec.slice(spec.indexOf('=') + 1, end);
    const problem = locationProblem(zone);
    if (problem !== undefined) return `provided bad location ${zone}: ${problem}`;
    spec = trimmed(spec.slice(end));
  }
  if (spec.startsWith('@')) return descriptorProblem(spec);
  const fields = spec.split(space).filter((field) => field !== '');
  if (fields.length !== fieldBounds.length)
    return `expected exactly ${String(fieldBounds.length)} fields, found ${String(fields.length)}: [${fields.join(' ')}]`;
  for (const [i, bounds] of fieldBounds.entries()) {
    const problem = fieldProblem(fields[i] ?? '', bounds);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

const trimmed = (text: string): string =>
  text.replace(new RegExp(`^${space.source}`), '').replace(new RegExp(`${space.source}$`), '');

function descriptorProblem(spec: string): string | undefined {
  if (descriptors.has(spec)) return undefined;
  const every = '@every ';
  if (!spec.startsWith(every)) return `unrecognized descriptor: ${spec}`;
  const problem = durationProblem(spec.slice(every.length));
  return problem === undefined ? undefined : `failed to parse duration ${spec}: ${problem}`;
}

/** A list of ranges; what stands between two commas may be nothing at all. */
function fieldProblem(field: string, bounds: Bounds): string | undefined {
  for (const range of field.split(',')) {
    const problem = range === '' ? undefined : rangeProblem(range, bounds);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** `*`, `?`, `5`, `1-5`, any of them with `/2`. */
function rangeProblem(text: string, bounds: Bounds): string | undefined {
  const [span = '', stepText, ...moreSteps] = text.split('/');
  const [low = '', high, ...moreEnds] = span.split('-');
  let start = bounds.min;
  let end = bounds.max;
  if (low !== '*' && low !== '?') {
    const first = numberOrName(low, bounds);
    if (typeof first === 'string') return first;
    start = first;
    end = first;
    if (moreEnds.length > 0) return `too many hyphens: ${text}`;
    if (high !== undefined) {
      const last = numberOrName(high, bounds);
      if (typeof last === 'string') return last;
      end = last;
    }
  }
  if (moreSteps.length > 0) return `too many slashes: ${text}`;
  let step = 1n;
  if (stepText !== undefined) {
    const given = wholeNumber(stepText);
    if (typeof given === 'string') return given;
    step = given;
    // `5/10` means from 5 on.
    if (high === undefined) end = bounds.max;
  }
  if (start < bounds.min) return `beginning of range (${String(start)}) below minimum (${String(bounds.min)}): ${text}`;
  if (end > bounds.max) return `end of range (${String(end)}) above maximum (${String(bounds.max)}): ${text}`;
  if (start > end) return `beginning of range (${String(start)}) beyond end of range (${String(end)}): ${text}`;
  if (step === 0n) return `step of range should be a positive number: ${text}`;
  return undefined;
}

/** The number, or what is wrong with it. */
const numberOrName = (text: string, { names }: Bounds): bigint | string =>
  names?.get(text.toLowerCase()) ?? wholeNumber(text);

function wholeNumber(text: string): bigint | string {
  try {
    const value = parseInt64(text, 'Atoi');
    return value < 0n ? `negative number (${String(value)}) not allowed: ${text}` : value;
  } catch (error) {
    if (!(error instanceof NumberSyntaxError)) throw error;
    return `failed to parse int from ${text}: ${error.message}`;
  }
}
