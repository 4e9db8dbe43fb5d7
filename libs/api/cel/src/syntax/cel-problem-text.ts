import type { CelProblem } from './cel-node';

/** cel-go reports no more than this. */
const mostProblems = 100;

/** Problems as cel-go shows them: by their places, each with its line and a mark under it (common `Error.ToDisplayString`). */
export function problemText(expression: string, problems: readonly CelProblem[]): string {
  const lines = expression.split('\n');
  // The first ones alone are looked for in the text, which may be long and wrong everywhere.
  const first = [...problems].sort((a, b) => a.at - b.at).slice(0, mostProblems);
  return first
    .map(({ at, message }) => {
      const { line, column } = placeOf(lines, at);
      if (line < 0) return `ERROR: <input>:-1:0: ${message}`;
      const head = `ERROR: <input>:${String(line + 1)}:${String(column + 1)}: ${message}`;
      const text = (lines[line] ?? '').replaceAll('\t', ' ');
      return `${head}\n | ${text}\n | ${markUnder(text, column)}`;
    })
    .join('\n');
}

/** Columns count code points. */
function placeOf(lines: readonly string[], at: number): { line: number; column: number } {
  if (at < 0) return { line: -1, column: -1 };
  let start = 0;
  for (const [line, text] of lines.entries()) {
    if (at <= start + text.length || line === lines.length - 1)
      return { line, column: Array.from(text.slice(0, at - start)).length };
    start += text.length + 1;
  }
  return { line: 0, column: 0 };
}

/** Wide characters have wide dots under them, so that the mark stands where it should. */
function markUnder(text: string, column: number): string {
  const characters = Array.from(text);
  const isWide = (character: string): boolean => Buffer.byteLength(character) > 1;
  const before = characters.slice(0, column).map((character) => (isWide(character) ? '\uff0e' : '.'));
  const here = characters[column];
  return `${before.join('')}${here !== undefined && isWide(here) ? '\uff3e' : '^'}`;
}
