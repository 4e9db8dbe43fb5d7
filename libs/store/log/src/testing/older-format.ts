import Database from 'better-sqlite3';

/**
 * Makes of a closed log what a Reckon of formats 1 and 2 would have left: checksums of rows alone, none of its id and floors. Gives the
 * format it has then.
 */
export function makeOlder(file: string): number {
  const db = new Database(file);
  try {
    const final = db.prepare(`SELECT sql FROM sqlite_schema WHERE name = 'entries_are_final'`).pluck().get() as string;
    const version = (db.pragma('user_version', { simple: true }) as number) - 2;
    db.exec(`DROP TRIGGER entries_are_final; UPDATE entries SET check_sum = check_sum % 4294967296; ${final}`);
    if (version === 2) db.exec('UPDATE data_keys SET check_sum = check_sum % 4294967296');
    db.exec(`DELETE FROM meta WHERE name = 'check_sum'`);
    db.pragma(`user_version = ${version}`);
    return version;
  } finally {
    db.close();
  }
}
