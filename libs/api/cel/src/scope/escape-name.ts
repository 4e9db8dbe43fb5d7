import { reservedIdentifiers } from '../syntax/cel-identifier';

/** Words that are kept, of those that apiserver/pkg/cel `Escape` knows. */
const escaped: Readonly<Record<string, string>> = {
  __: '__underscores__',
  '.': '__dot__',
  '-': '__dash__',
  '/': '__slash__',
};

/** The name of a property in an expression; undefined for one that has none there. */
export function escapeName(name: string): string | undefined {
  if (!/^[a-zA-Z_./-][a-zA-Z0-9_./-]*$/.test(name)) return undefined;
  if (reservedIdentifiers.has(name)) return `__${name}__`;
  return name.replace(/__|[-./]/g, (part) => escaped[part] ?? part);
}
