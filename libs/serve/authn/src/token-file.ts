import { CsvError, csvRecords } from './csv-records';
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
  try {
    return tokensOf(text);
  } catch (error) {
    throw error instanceof CsvError ? new TokenFileError(`token file, ${error.message}`) : error;
  }
}

function tokensOf(text: string): StaticToken[] {
  const tokens: StaticToken[] = [];
  for (const { line, columns } of csvRecords(text)) {
    const [token, name, uid, groups] = columns;
    if (token === undefined || name === undefined || uid === undefined)
      throw new TokenFileError(
        `token file, line ${line}: at least 3 columns (token, user name, user id) are needed, found ${columns.length}`,
      );
    if (token === '') continue;
    // As upstream: a fourth column that is empty names a group without a name.
    const names = groups?.split(',') ?? [];
    tokens.push({ token, user: { name, ...(uid === '' ? {} : { uid }), groups: names } });
  }
  return tokens;
}
