/** From `first` to `last`, both included. */
export interface Interval {
  readonly first: number;
  readonly last: number;
}

/** Completion indexes: in order, neither overlapping nor adjoining. */
export type Indexes = readonly Interval[];

/** Reads `1,3-5,7`; what cannot be read is passed over, what is not below `completions` is cut off. */
export function parseIndexes(text: string, completions: number): Indexes {
  const found: Interval[] = [];
  if (text === '') return found;
  for (const part of text.split(',')) {
    const [firstText = '', lastText = firstText] = part.split('-');
    const first = wholeNumber(firstText);
    const last = wholeNumber(lastText);
    if (first !== undefined && first >= completions) break;
    if (first === undefined || last === undefined) continue;
    const before = found.at(-1);
    const cut = Math.min(last, completions - 1);
    if (before?.last === first - 1) found[found.length - 1] = { first: before.first, last: cut };
    else found.push({ first, last: cut });
  }
  return found;
}

const wholeNumber = (text: string): number | undefined => (/^[+-]?[0-9]+$/.test(text) ? Number(text) : undefined);

/** `1,3-5,7`; two neighbours are listed one by one. */
export const indexesText = (indexes: Indexes): string =>
  indexes
    .map(({ first, last }) =>
      first === last ? String(first) : `${String(first)}${last === first + 1 ? ',' : '-'}${String(last)}`,
    )
    .join(',');

export const countIndexes = (indexes: Indexes): number =>
  indexes.reduce((sum, { first, last }) => sum + last - first + 1, 0);

export function hasIndex(indexes: Indexes, index: number): boolean {
  let low = 0;
  let high = indexes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((indexes[middle]?.last ?? 0) >= index) high = middle;
    else low = middle + 1;
  }
  const found = indexes[low];
  return found !== undefined && found.first <= index;
}

/** Any numbers, in any order, as intervals. */
export const indexesOf = (numbers: Iterable<number>): Indexes =>
  joined([...new Set(numbers)].sort((a, b) => a - b).map((index) => ({ first: index, last: index })));

export const mergeIndexes = (a: Indexes, b: Indexes): Indexes =>
  joined([...a, ...b].sort((x, y) => x.first - y.first || x.last - y.last));

/** How many indexes are in both. */
export function countCommon(a: Indexes, b: Indexes): number {
  let count = 0;
  for (let i = 0, j = 0; ;) {
    const [x, y] = [a[i], b[j]];
    if (x === undefined || y === undefined) return count;
    count += Math.max(0, Math.min(x.last, y.last) - Math.max(x.first, y.first) + 1);
    if (x.last <= y.last) i++;
    if (y.last <= x.last) j++;
  }
}

/** The lowest indexes below `completions` that are not taken, at most `count`. */
export function freeIndexes(taken: Indexes, count: number, completions: number): number[] {
  const free: number[] = [];
  let candidate = 0;
  const upTo = (end: number): void => {
    for (; candidate < end && free.length < count; candidate++) free.push(candidate);
  };
  for (const { first, last } of taken) {
    upTo(Math.min(first, completions));
    candidate = Math.max(candidate, last + 1);
  }
  upTo(completions);
  return free;
}

function joined(sorted: readonly Interval[]): Indexes {
  const out: Interval[] = [];
  for (const next of sorted) {
    const before = out.at(-1);
    if (before === undefined || next.first > before.last + 1) out.push(next);
    else if (next.last > before.last) out[out.length - 1] = { first: before.first, last: next.last };
  }
  return out;
}
