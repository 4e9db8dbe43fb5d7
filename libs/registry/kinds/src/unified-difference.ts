interface Block {
  readonly a: number;
  readonly b: number;
  readonly size: number;
}

/** Lines shown around a change. */
const contextLines = 3;

/**
 * A unified diff without its file header, in the blocks that Python's difflib finds (upstream uses a port of it): so the
 * longest run in common is kept first, and in long texts lines that are everywhere do not count as common ground.
 */
export function unifiedDifference(a: readonly string[], b: readonly string[]): string {
  const blocks = [...matchingBlocks(a, b), { a: a.length, b: b.length, size: 0 }];
  const hunks: string[] = [];
  let lines: string[] = [];
  let start = { a: 0, b: 0 };
  let counts = { a: 0, b: 0 };
  let at = { a: 0, b: 0 };
  const close = (): void => {
    if (lines.some((line) => !line.startsWith(' ')))
      hunks.push(`@@ -${rangeText(start.a, counts.a)} +${rangeText(start.b, counts.b)} @@\n${lines.join('\n')}\n`);
    lines = [];
  };
  const keep = (from: number, to: number, bFrom: number): void => {
    if (lines.length === 0) {
      start = { a: from, b: bFrom };
      counts = { a: 0, b: 0 };
    }
    for (let i = from; i < to; i++) lines.push(` ${a[i] ?? ''}`);
    counts = { a: counts.a + to - from, b: counts.b + to - from };
  };
  for (const block of blocks) {
    if (lines.length === 0) {
      start = { ...at };
      counts = { a: 0, b: 0 };
    }
    for (let i = at.a; i < block.a; i++) lines.push(`-${a[i] ?? ''}`);
    for (let i = at.b; i < block.b; i++) lines.push(`+${b[i] ?? ''}`);
    counts = { a: counts.a + block.a - at.a, b: counts.b + block.b - at.b };
    const end = { a: block.a + block.size, b: block.b + block.size };
    const isFirst = block.a === 0 && block.b === 0 && lines.length === 0;
    const isLast = end.a === a.length && end.b === b.length;
    const after = isFirst ? 0 : contextLines;
    const before = isLast ? 0 : contextLines;
    if (block.size > after + before) {
      keep(block.a, block.a + after, block.b);
      close();
      keep(end.a - before, end.a, end.b - before);
    } else keep(block.a, end.a, block.b);
    at = end;
  }
  close();
  return hunks.join('');
}

function rangeText(start: number, count: number): string {
  if (count === 1) return String(start + 1);
  return `${String(count === 0 ? start : start + 1)},${String(count)}`;
}

/** Blocks in common, in order, none touching the next. */
function matchingBlocks(a: readonly string[], b: readonly string[]): Block[] {
  const positions = positionsOf(b);
  const found: Block[] = [];
  const pending: (readonly [number, number, number, number])[] = [[0, a.length, 0, b.length]];
  for (let range = pending.pop(); range !== undefined; range = pending.pop()) {
    const [aLow, aHigh, bLow, bHigh] = range;
    const block = longestMatch(a, b, positions, range);
    if (block.size === 0) continue;
    found.push(block);
    if (aLow < block.a && bLow < block.b) pending.push([aLow, block.a, bLow, block.b]);
    if (block.a + block.size < aHigh && block.b + block.size < bHigh)
      pending.push([block.a + block.size, aHigh, block.b + block.size, bHigh]);
  }
  found.sort((x, y) => x.a - y.a || x.b - y.b);
  const joined: Block[] = [];
  for (const block of found) {
    const last = joined.at(-1);
    if (last !== undefined && last.a + last.size === block.a && last.b + last.size === block.b)
      joined[joined.length - 1] = { ...last, size: last.size + block.size };
    else joined.push(block);
  }
  return joined;
}

/** From this length on, lines that make up more than a hundredth of the text are left out of the index. */
const longText = 200;

function positionsOf(b: readonly string[]): Map<string, number[]> {
  const positions = new Map<string, number[]>();
  for (const [index, line] of b.entries()) {
    const list = positions.get(line);
    if (list === undefined) positions.set(line, [index]);
    else list.push(index);
  }
  if (b.length >= longText) {
    const most = Math.floor(b.length / 100) + 1;
    for (const [line, list] of positions) if (list.length > most) positions.delete(line);
  }
  return positions;
}

/** The longest run within the range, the earliest of those of equal length, stretched over lines that are not indexed. */
function longestMatch(
  a: readonly string[],
  b: readonly string[],
  positions: ReadonlyMap<string, readonly number[]>,
  [aLow, aHigh, bLow, bHigh]: readonly [number, number, number, number],
): Block {
  let best: Block = { a: aLow, b: bLow, size: 0 };
  let lengths = new Map<number, number>();
  for (let i = aLow; i < aHigh; i++) {
    const next = new Map<number, number>();
    for (const j of positions.get(a[i] ?? '') ?? []) {
      if (j < bLow) continue;
      if (j >= bHigh) break;
      const size = (lengths.get(j - 1) ?? 0) + 1;
      next.set(j, size);
      if (size > best.size) best = { a: i - size + 1, b: j - size + 1, size };
    }
    lengths = next;
  }
  let { a: start, b: bStart, size } = best;
  while (start > aLow && bStart > bLow && a[start - 1] === b[bStart - 1]) {
    start--;
    bStart--;
    size++;
  }
  while (start + size < aHigh && bStart + size < bHigh && a[start + size] === b[bStart + size]) size++;
  return { a: start, b: bStart, size };
}
