export interface CsvRecord {
  readonly line: number;
  readonly columns: readonly string[];
}

/** Where a text is no CSV. */
export class CsvError extends Error {
  readonly code = 'InvalidCsv';

  constructor(readonly line: number) {
    super(`line ${line}: a quote (") stands where none may`);
    this.name = 'CsvError';
  }
}

/** RFC 4180 as Go's encoding/csv reads it: blank lines are nothing, `""` within quotes is a quote. Throws `CsvError`. */
export function* csvRecords(text: string): Iterable<CsvRecord> {
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;
  let columns: string[] = [];
  let line = 1;
  let start = 1;
  while (field.lastIndex < text.length || columns.length > 0) {
    const match = field.exec(text);
    if (match === null) throw new CsvError(line);
    const quoted = match[1];
    columns.push(quoted?.replaceAll('""', '"') ?? match[2] ?? '');
    line += (match[0].match(/\n/g) ?? []).length;
    if (match[3] === ',') continue;
    if (columns.length > 1 || columns[0] !== '') yield { line: start, columns };
    columns = [];
    start = line;
  }
}
