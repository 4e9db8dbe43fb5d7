import type { UserInfo } from '@reckon/registry/generic';
import { CsvError, csvRecords } from '../csv-records';

export interface KnownPassword {
  readonly password: string;
  readonly user: UserInfo;
}

/** A password file that cannot be used; `hint` says what its lines must hold. */
export class PasswordFileError extends Error {
  readonly code = 'InvalidPasswordFile';
  readonly hint = 'each line is: password,user name,user id,"group1,group2" (the groups may be left out)';

  constructor(message: string) {
    super(message);
    this.name = 'PasswordFileError';
  }
}

/**
 * `--basic-auth-file`: CSV lines of password, user name, uid and groups in one quoted column. Of two lines of the same user the later
 * counts (k8s.io/apiserver/plugin/pkg/authenticator/password/passwordfile `NewCSV`, which upstream had until 1.19).
 */
export function parsePasswordFile(text: string): KnownPassword[] {
  try {
    return Array.from(csvRecords(text), ({ line, columns }) => {
      const [password, name, uid, groups] = columns;
      if (password === undefined || name === undefined || uid === undefined)
        throw new PasswordFileError(
          `password file, line ${line}: at least 3 columns (password, user name, user id) are needed, found ${columns.length}`,
        );
      const names = (groups ?? '').split(',').filter((group) => group !== '');
      return { password, user: { name, ...(uid === '' ? {} : { uid }), groups: names } };
    });
  } catch (error) {
    throw error instanceof CsvError ? new PasswordFileError(`password file, ${error.message}`) : error;
  }
}
