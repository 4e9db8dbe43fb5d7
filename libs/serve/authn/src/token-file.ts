import type { StaticToken } from './static-tokens';

/** A token file that cannot be used; `hint` says what its lines must hold. */
export class TokenFileError extends Error {
  readonly code = 'InvalidTokenFile';
  readonly hint = 'each line is: token,user name,user id,"group1,group2" (the groups may be left out)';

  constructor(message: string) {
    super(message);
    this.name = 'TokenFileError';
  }
}

/**
 * `--token-auth-file`: CSV lines of token, user name, uid and groups in one quoted column. Of two lines with the same token the
 * later counts; a line without a token is passed over (k8s.io/apiserver/pkg/authentication/token/tokenfile `NewCSV`).
 */
export function parseTokenFile(text: string): StaticToken[] {
  const tokens: StaticToken[] = [];
  for (const { line, columns } of csvRecords(text)) {
    const [token, name, uid, groups] = columns;
    if (token === undefined || name === undefined || uid === undefined)
      throw new TokenFileError(
        `token file, line ${line}: at least 3 columns (token, user name, user id) are needed, found ${columns.length}`,
      );
    if (token === '') continue;
    const names = (groups ?? '').split(',').filter((group) => group !== '');
    tokens.push({ token, user: { name, ...(uid === '' ? {} : { uid }), groups: names } });
  }
  return tokens;
}

interface Record {
  readonly line: number;
  readonly columns: readonly string[];
}

/** RFC 4180 as Go's encoding/csv reads it: blank lines are nothing, `""` within quotes is a quote. */
function* csvRecords(text: string): Iterable<Record> {
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;
  let columns: string[] = [];
  let line = 1;
  let start = 1;
  while (field.lastIndex < text.length || columns.length > 0) {
    const match = field.exec(text);
    if (match === null) throw new TokenFileError(`token file, line ${line}: a quote (") stands where none may`);
    const quoted = match[1];
    columns.push(quoted?.replaceAll('""', '"') ?? match[2] ?? '');
    line += (match[0].match(/\n/g) ?? []).length;
    if (match[3] === ',') continue;
    if (columns.length > 1 || columns[0] !== '') yield { line: start, columns };
    columns = [];
    start = line;
  }
}
