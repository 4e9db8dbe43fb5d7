import { stringify } from 'yaml';

/** As kubectl writes objects: sorted keys, lists not indented, no folding. */
export const yamlText = (value: unknown): string =>
  stringify(value, { sortMapEntries: true, indentSeq: false, lineWidth: 0, aliasDuplicateObjects: false });
