import { encryptionSchema, isEncryptedFormat, schema } from './statements';

/** What of the schema is not as this version makes it in a log of that format, or undefined. */
export function schemaDifference(
  tables: readonly { name: string; sql: string | null }[],
  version: number,
): string | undefined {
  const found = new Map(tables.map(({ name, sql }) => [name, sql]));
  for (const [name, sql] of Object.entries(isEncryptedFormat(version) ? { ...schema, ...encryptionSchema } : schema)) {
    if (!found.has(name)) return `its ${kindOf(sql)} ${name} is missing`;
    if (found.get(name) !== sql) return `its ${kindOf(sql)} ${name} is not as this version of Reckon makes it`;
    found.delete(name);
  }
  const [foreign] = found.keys();
  return foreign === undefined ? undefined : `it holds ${foreign}, which is not Reckon's`;
}

const kindOf = (sql: string): string => sql.split(' ', 2)[1]?.toLowerCase() ?? '';
