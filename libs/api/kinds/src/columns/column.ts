import { humanDuration, type KubeObject, type ObjectMeta } from '@reckon/api/machinery';

/** What a cell may depend on beside its object. */
export interface CellContext {
  readonly nowMs: number;
}

export type Cell = string | number | boolean;

/** A field of the API whose documentation describes a column: `['meta/v1.ObjectMeta', 'name']`. */
export type FieldReference = readonly [struct: string, field: string];

/** One column of a kind's table; `T` is the kind. */
export interface Column<T = KubeObject> {
  readonly name: string;
  /** `string` unless said. */
  readonly type?: 'integer' | 'boolean' | 'date';
  /** `name` marks the column that names the object. */
  readonly format?: 'name';
  /** 0 always shown, 1 only with `-o wide`. */
  readonly priority?: 1;
  readonly description: string | FieldReference;
  /** The cell is there, but the table does not say so. */
  readonly isUndeclared?: true;
  cell(object: T, context: CellContext): Cell;
}

/** The table of one kind. `prepare` makes of an object, once per row, what its cells look at. */
export interface KindTable {
  readonly columns: readonly Column<unknown>[];
  readonly prepare: (object: KubeObject) => unknown;
  /** The order of a list's rows, where it is not that of the list. */
  readonly compare?: (a: KubeObject, b: KubeObject) => number;
}

/** Typed columns are used as untyped ones; the row guarantees the kind. */
export const columns = <T>(list: readonly Column<T>[]): KindTable => ({
  columns: list,
  prepare: (object) => object,
});

export const nameColumn: Column<{ readonly metadata: ObjectMeta }> = {
  name: 'Name',
  format: 'name',
  description: ['meta/v1.ObjectMeta', 'name'],
  cell: (object) => object.metadata.name ?? '',
};

export const ageColumn: Column<{ readonly metadata: ObjectMeta }> = {
  name: 'Age',
  description: ['meta/v1.ObjectMeta', 'creationTimestamp'],
  cell: (object, context) => since(object.metadata.creationTimestamp, context),
};

/** How long ago, `<unknown>` without a time (upstream's `translateTimestampSince`). */
export function since(time: string | null | undefined, context: CellContext): string {
  if (time === undefined || time === null || time === '') return '<unknown>';
  const ms = Date.parse(time);
  return Number.isNaN(ms) ? '<unknown>' : humanDuration(context.nowMs - ms);
}

/** `a=b,c=d` in order, `<none>` without any (`labels.FormatLabels`). */
export function labelsText(labels: Readonly<Record<string, string>> | undefined | null): string {
  const entries = Object.entries(labels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? '<none>' : entries.map(([key, value]) => `${key}=${value}`).join(',');
}

/** The first few of a list and how many more there are. */
export function firstOf(list: readonly string[], shown: number): string {
  const text = list.slice(0, shown).join(',');
  return list.length > shown ? `${text} + ${String(list.length - shown)} more...` : text;
}
