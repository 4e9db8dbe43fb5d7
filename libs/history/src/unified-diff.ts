export interface DiffOptions {
  /** What stands behind `---` and `+++`. */
  readonly before: string;
  readonly after: string;
  /** Unchanged lines around a change; default 3. */
  readonly context?: number;
}

type Step = ' ' | '-' | '+';

/** Beyond so many differing lines the shortest script is not worth its square of memory: what differs is shown as replaced. */
const longestScript = 1500;

/** As `diff -u -N` prints it; '' when the texts are equal. Both end with a newline, or are empty. */
export function unifiedDiff(before: string, after: string, options: DiffOptions): string {
  if (before === after) return '';
  const [a, b] = [linesOf(before), linesOf(after)];
  const script = editScript(a, b);
  let text = `--- ${options.before}\n+++ ${options.after}\n`;
  for (const hunk of hunksOf(script, options.context ?? 3)) text += hunkText(hunk, script, a, b);
  return text;
}

const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));

/** One letter per line of the result, in order: kept, removed, added. */
function editScript(a: readonly string[], b: readonly string[]): Step[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const middle = shortestScript(a.slice(start, a.length - end), b.slice(start, b.length - end));
  return [...keep(start), ...middle, ...keep(end)];
}

const keep = (count: number): Step[] => Array.from({ length: count }, () => ' ');

/** E. Myers, "An O(ND) difference algorithm and its variations" (1986): the furthest reach on each diagonal, then the way back. */
function shortestScript(a: readonly string[], b: readonly string[]): Step[] {
  const replaced: Step[] = [...a.map((): Step => '-'), ...b.map((): Step => '+')];
  const most = Math.min(a.length + b.length, longestScript);
  const reach = new Map<number, number>([[1, 0]]);
  const trace: Map<number, number>[] = [];
  for (let d = 0; d <= most; d++) {
    trace.push(new Map(reach));
    for (let k = -d; k <= d; k += 2) {
      let x = goesDown(reach, k, d) ? at(reach, k + 1) : at(reach, k - 1) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      reach.set(k, x);
      if (x >= a.length && x - k >= b.length) return wayBack(trace, a.length, b.length);
    }
  }
  return replaced;
}

const at = (reach: ReadonlyMap<number, number>, k: number): number => reach.get(k) ?? 0;

const goesDown = (reach: ReadonlyMap<number, number>, k: number, d: number): boolean =>
  k === -d || (k !== d && at(reach, k - 1) < at(reach, k + 1));

function wayBack(trace: readonly ReadonlyMap<number, number>[], lengthA: number, lengthB: number): Step[] {
  const steps: Step[] = [];
  let [x, y] = [lengthA, lengthB];
  for (let d = trace.length - 1; d >= 0; d--) {
    const reach = trace[d];
    if (reach === undefined) break;
    const k = x - y;
    const down = goesDown(reach, k, d);
    const from = down ? k + 1 : k - 1;
    const beforeX = at(reach, from);
    for (const startX = d === 0 ? 0 : beforeX + (down ? 0 : 1); x > startX; x--) steps.push(' ');
    if (d === 0) break;
    steps.push(down ? '+' : '-');
    [x, y] = [beforeX, beforeX - from];
  }
  return inOrder(steps.reverse());
}

/** Within a run of changes, what was removed comes first. */
function inOrder(steps: readonly Step[]): Step[] {
  const ordered: Step[] = [];
  let added = 0;
  for (const step of steps) {
    if (step === '+') added++;
    else {
      if (step === ' ') for (; added > 0; added--) ordered.push('+');
      ordered.push(step);
    }
  }
  for (; added > 0; added--) ordered.push('+');
  return ordered;
}

interface Hunk {
  readonly from: number;
  readonly to: number;
}

/** Ranges of the script around its changes; those whose context touches are one. */
function hunksOf(script: readonly Step[], context: number): Hunk[] {
  const hunks: { from: number; to: number }[] = [];
  for (const [i, step] of script.entries()) {
    if (step === ' ') continue;
    const last = hunks.at(-1);
    const from = Math.max(0, i - context);
    const to = Math.min(script.length, i + context + 1);
    if (last !== undefined && from <= last.to) last.to = to;
    else hunks.push({ from, to });
  }
  return hunks;
}

function hunkText({ from, to }: Hunk, script: readonly Step[], a: readonly string[], b: readonly string[]): string {
  let [i, j] = [0, 0];
  for (const step of script.slice(0, from)) {
    if (step !== '+') i++;
    if (step !== '-') j++;
  }
  const [startA, startB] = [i, j];
  let body = '';
  for (const step of script.slice(from, to)) {
    body += `${step}${(step === '+' ? b[j] : a[i]) ?? ''}\n`;
    if (step !== '+') i++;
    if (step !== '-') j++;
  }
  return `@@ -${range(startA, i - startA)} +${range(startB, j - startB)} @@\n${body}`;
}

/** `3,2`, `3` for one line, `2,0` for none after the second. */
function range(start: number, count: number): string {
  if (count === 1) return String(start + 1);
  return `${count === 0 ? start : start + 1},${count}`;
}
