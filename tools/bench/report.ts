import type { Figure, Figures, Row } from './rows';

export interface Verdict {
  readonly id: string;
  readonly what: string;
  readonly unit: string;
  readonly floor?: Figure;
  readonly reckon?: Figure;
  /** Another server's, measured in the same run. */
  readonly beside?: Figure;
  /** Reckon's figure as a multiple of the floor's. */
  readonly ratio?: number;
  readonly budget: string;
  /** Undefined where it could not be measured. */
  readonly isMet?: boolean;
  /** The budget is not met, the share that is to be held until then is. */
  readonly isHeld?: boolean;
}

export function judge(rows: readonly Row[], floor: Figures, reckon: Figures, beside: Figures = {}): Verdict[] {
  return rows.map((row) => {
    const [atBottom, ours] = [floor[row.id], reckon[row.id]];
    const other = beside[row.id];
    const ratio = atBottom === undefined || ours === undefined ? undefined : ours.value / atBottom.value;
    const isMet = verdict(row, atBottom, ours, ratio);
    const isHeld =
      row.held !== undefined &&
      isMet === false &&
      verdict({ ...row, budget: row.held }, atBottom, ours, ratio) === true;
    return {
      id: row.id,
      what: row.what,
      unit: row.unit,
      budget: budgetText(row),
      ...(atBottom === undefined ? {} : { floor: atBottom }),
      ...(ours === undefined ? {} : { reckon: ours }),
      ...(other === undefined ? {} : { beside: other }),
      ...(ratio === undefined ? {} : { ratio }),
      ...(isMet === undefined ? {} : { isMet }),
      ...(isHeld ? { isHeld } : {}),
    };
  });
}

function verdict(
  row: Row,
  floor: Figure | undefined,
  ours: Figure | undefined,
  ratio: number | undefined,
): boolean | undefined {
  if (ours === undefined) return undefined;
  if (row.kind === 'limit') return ours.value <= row.budget;
  if (ratio === undefined) return undefined;
  const isInTime =
    row.p99 === undefined || floor?.p99 === undefined || ours.p99 === undefined || ours.p99 <= row.p99 * floor.p99;
  return (row.kind === 'rate' ? ratio >= row.budget : ratio <= row.budget) && isInTime;
}

function budgetText(row: Row): string {
  switch (row.kind) {
    case 'rate':
      return `≥ ${String(Math.round(row.budget * 100))} %`;
    case 'time':
      return `≤ ${String(row.budget)} ×`;
    case 'limit':
      return `≤ ${String(row.budget)} ${row.unit}`;
  }
}

const columns = ['what', 'floor', 'reckon', 'ratio', 'budget', 'p50', 'p99', 'floor p99', ''];
/** Only where there is another server. */
const columnsBeside = ['beside', 'beside p99'];

/** The table that a person reads. */
export function tableText(verdicts: readonly Verdict[]): string {
  const hasOther = verdicts.some((v) => v.beside !== undefined);
  const lines = verdicts.map((v) => [
    v.what,
    amount(v.floor?.value, v.unit),
    amount(v.reckon?.value, v.unit),
    v.ratio === undefined ? '–' : v.ratio.toFixed(2),
    v.budget,
    amount(v.reckon?.p50, latencyUnit(v)),
    amount(v.reckon?.p99, latencyUnit(v)),
    amount(v.floor?.p99, 'ms'),
    v.isMet === undefined ? '' : v.isMet ? 'ok' : v.isHeld === true ? 'held' : 'MISSED',
    ...(hasOther ? [amount(v.beside?.value, v.unit), amount(v.beside?.p99, 'ms')] : []),
  ]);
  const head = [...columns, ...(hasOther ? columnsBeside : [])];
  const all = [head, ...lines];
  const widths = head.map((_, i) => Math.max(...all.map((line) => line[i]?.length ?? 0)));
  return all
    .map((line) =>
      line
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Of what took microseconds nobody reads milliseconds. */
const latencyUnit = ({ unit }: Verdict): string => (unit === 'µs' ? unit : 'ms');

function amount(value: number | undefined, unit: string): string {
  if (value === undefined) return '–';
  const digits = value < 10 ? 2 : value < 100 ? 1 : 0;
  return `${value.toFixed(digits)} ${unit}`.replace(' /s', '/s');
}
