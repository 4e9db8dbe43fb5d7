import { goQuote, tryParseInt64 } from '@reckon/api/machinery';

/** The first and the last index of `3` or `3-7`. */
interface Interval {
  readonly first: number;
  readonly last: number;
}

/** Indexes as a job's status lists them, `1,3-5,7`, read and counted; or what is wrong with the text (validateIndexesFormat). */
export function readIndexes(
  text: string,
  completions: number,
): { readonly total: number } | { readonly problem: string } {
  if (text === '') return { total: 0 };
  let total = 0;
  let previous: number | undefined;
  for (const part of text.split(',')) {
    const interval = readInterval(part, completions);
    if (typeof interval === 'string') return { problem: interval };
    if (previous !== undefined && previous >= interval.first)
      return { problem: notIncreasing(previous, interval.first) };
    total += interval.last - interval.first + 1;
    previous = interval.last;
  }
  return { total };
}

/** parseIndexInterval. */
function readInterval(text: string, completions: number): Interval | string {
  const [firstText = '', lastText, ...more] = text.split('-');
  if (more.length > 0)
    return `the fragment ${goQuote(text)} violates the requirement that an index interval can have at most two parts separated by '-'`;
  const first = readIndex(firstText, completions);
  if (typeof first === 'string' || lastText === undefined)
    return typeof first === 'string' ? first : { first, last: first };
  const last = readIndex(lastText, completions);
  if (typeof last === 'string') return last;
  return first >= last ? notIncreasing(first, last) : { first, last };
}

function readIndex(text: string, completions: number): number | string {
  const value = tryParseInt64(text);
  if (value === undefined) return `cannot convert string to integer for index: ${goQuote(text)}`;
  return value >= completions ? `too large index: ${goQuote(text)}` : Number(value);
}

const notIncreasing = (previous: number, current: number): string =>
  `non-increasing order, previous: ${String(previous)}, current: ${String(current)}`;

/** The first index that stands in both lists; parts that cannot be read are passed over (validateFailedIndexesNotOverlapCompleted). */
export function overlapOf(completed: string, failed: string, completions: number): number | undefined {
  const [some, others] = [intervalsOf(completed, completions), intervalsOf(failed, completions)];
  for (let i = 0, j = 0; ;) {
    const [a, b] = [some[i], others[j]];
    if (a === undefined || b === undefined) return undefined;
    if (a.first <= b.last && b.first <= a.last) return Math.max(a.first, b.first);
    if (a.first <= b.first) i++;
    else j++;
  }
}

function intervalsOf(text: string, completions: number): Interval[] {
  if (text === '') return [];
  return text
    .split(',')
    .map((part) => readInterval(part, completions))
    .filter((interval) => typeof interval !== 'string');
}
