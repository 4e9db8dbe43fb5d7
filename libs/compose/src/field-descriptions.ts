import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Documentation of a field (`''`: of the type itself) of a struct such as `core/v1.Pod`; '' when there is none. */
export type Describe = (struct: string, field: string) => string;

/**
 * Descriptions as the build wrote them beside the bundle (`tools/descriptions.mjs`), read when first asked for. A type's line is
 * parsed when it is asked for, by who makes a table or an OpenAPI document and caches that; the fields of a type come one after
 * the other, so the last type is remembered.
 */
export function fieldDescriptions(): Describe {
  let lines: ReadonlyMap<string, string> | undefined;
  let last: { readonly struct: string; readonly texts: Readonly<Record<string, string>> } | undefined;
  return (struct, field) => {
    lines ??= readLines();
    if (last?.struct !== struct)
      last = { struct, texts: JSON.parse(lines.get(struct) ?? '{}') as Record<string, string> };
    return last.texts[field] ?? '';
  };
}

function readLines(): ReadonlyMap<string, string> {
  const beside = fileURLToPath(new URL('./descriptions.tsv', import.meta.url));
  const file = existsSync(beside) ? beside : fileURLToPath(new URL('../../../dist/descriptions.tsv', import.meta.url));
  const lines = new Map<string, string>();
  if (!existsSync(file)) return lines;
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const tab = line.indexOf('\t');
    if (tab !== -1) lines.set(line.slice(0, tab), line.slice(tab + 1));
  }
  return lines;
}
