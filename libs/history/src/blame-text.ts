import type { Blame } from './blame';
import { plain, valueText } from './log-text';

const headings = ['FIELD', 'VALUE', 'BY', 'TIME', 'REVISION'] as const;
/** Columns are as wide as their widest cell, but these no wider. */
const widest = [80, 40, 100, 24, 8];

/** A table: each field with who set it last. */
export function blameText(fields: readonly Blame[]): string {
  const rows = fields.map(({ path, value, by }) => [
    path,
    valueText(value),
    by === undefined ? '(older than the history)' : byText(by),
    by?.at ?? '',
    by === undefined ? '' : String(by.revision),
  ]);
  const all = [[...headings], ...rows];
  const widths = headings.map((_, i) => Math.min(widest[i] ?? 0, Math.max(...all.map((row) => (row[i] ?? '').length))));
  return all
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join('   ')
          .trimEnd()}\n`,
    )
    .join('');
}

const byText = ({ actor, manager }: { readonly actor: string; readonly manager: string }): string =>
  manager === '' ? plain(actor) : `${plain(actor)} (${plain(manager)})`;
