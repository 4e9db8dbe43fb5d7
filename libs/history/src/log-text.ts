import { fieldChanges, noise } from './field-changes';
import { type HistoryEntry, objectText } from './history-entry';
import { jsonPatch } from './json-patch';
import type { ShapeOf } from './list-shape';
import { maskSecret } from './mask-secrets';
import { omit } from './omit';
import type { StatesBefore } from './states-before';
import { yamlText } from './yaml-text';

export type LogFormat = 'text' | 'wide' | 'json' | 'yaml' | 'patch';

export interface LogTextOptions {
  readonly format: LogFormat;
  readonly color: boolean;
  readonly showSecrets: boolean;
  readonly shapeOf: ShapeOf;
  readonly states: StatesBefore;
}

const columns = [
  ['REVISION', 8],
  ['TIME', 24],
  ['VERB', 6],
  ['NAMESPACE', 15],
  ['OBJECT', 44],
] as const;

/** The line above all entries; '' for formats that programs read. */
export function logHeader(format: LogFormat): string {
  if (format !== 'text' && format !== 'wide') return '';
  const names = columns.map(([name, width], i) => (i === 0 ? name.padStart(width) : name.padEnd(width)));
  return `${[...names, format === 'wide' ? 'BY  AGENT  PREVIOUS  REQUEST' : 'BY'].join('  ')}\n`;
}

/** One entry with what it changed, ending in a newline. */
export async function logText(entry: HistoryEntry, options: LogTextOptions): Promise<string> {
  const known = await options.states.before(entry);
  const before = options.showSecrets ? known.object : maskSecret(known.object);
  const object = options.showSecrets ? entry.object : maskSecret(entry.object, known.object);
  const shown = { ...entry, object };
  switch (options.format) {
    case 'text':
    case 'wide':
      return rowText(shown, options) + changesText({ ...known, object: before }, shown, options);
    case 'patch': {
      const patch = known.isKnown ? jsonPatch(before, entry.verb === 'delete' ? undefined : object) : undefined;
      return `${JSON.stringify({ ...omit(shown, 'object'), ...(patch === undefined ? { isKnown: false } : { patch }) })}\n`;
    }
    case 'json':
    case 'yaml': {
      const changes =
        known.isKnown && entry.verb === 'update' ? fieldChanges(before, object, options.shapeOf(object)) : undefined;
      const whole = changes === undefined ? shown : { ...shown, changes };
      return options.format === 'json' ? `${JSON.stringify(whole)}\n` : `---\n${yamlText(whole)}`;
    }
  }
}

const verbColors = { create: 32, update: 33, delete: 31 } as const;
const paint = (text: string, code: number, options: { readonly color: boolean }): string =>
  options.color ? `\u001b[${code}m${text}\u001b[0m` : text;

function rowText(entry: HistoryEntry, options: LogTextOptions): string {
  const cells = [String(entry.revision), entry.at, entry.verb, entry.namespace, objectText(entry)].map((cell, i) =>
    i === 0 ? cell.padStart(columns[i]?.[1] ?? 0) : cell.padEnd(columns[i]?.[1] ?? 0),
  );
  cells[2] = paint(cells[2] ?? '', verbColors[entry.verb], options);
  cells.push(entry.manager === '' ? plain(entry.actor) : `${plain(entry.actor)} (${plain(entry.manager)})`);
  if (options.format === 'wide') cells.push(plain(entry.agent), String(entry.previous), plain(entry.request));
  return `${cells.join('  ')}\n`;
}

function changesText(
  before: { readonly object: unknown; readonly isKnown: boolean },
  entry: HistoryEntry,
  options: LogTextOptions,
): string {
  if (entry.verb !== 'update') return '';
  if (!before.isKnown) return '          (the state before is not kept)\n';
  return fieldChanges(before.object, entry.object, options.shapeOf(entry.object), noise)
    .map(({ path, before: old, after }) => {
      const from = old === undefined ? '(none)' : paint(valueText(old), 31, options);
      const to = after === undefined ? '(none)' : paint(valueText(after), 32, options);
      return `          ${path}: ${from} → ${to}\n`;
    })
    .join('');
}

const longestValue = 120;

/** A value on one line: words bare, other texts quoted, the rest as JSON; cut when it is long. */
export function valueText(value: unknown): string {
  if (typeof value === 'string' && /^[\w./:@<>()[\]%+,=* -]+$/.test(value) && value === value.trim()) return cut(value);
  return cut(JSON.stringify(value));
}

const cut = (text: string): string => (text.length <= longestValue ? text : `${text.slice(0, longestValue - 1)}…`);

/** What a client says of itself must not move the cursor of who reads it. */
export const plain = (text: string): string => text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd');
