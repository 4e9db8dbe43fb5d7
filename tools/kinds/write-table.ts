import { writeFileSync } from 'node:fs';
import type { FieldFacts, Structs } from './facts';
import { type GoType, printGoType } from './go-type';
import type { MergeFacts } from './merge-facts';
import type { ResourceCells } from './resources';

/** Writes kinds.json; its reader, libs/api/kinds/src/table.ts, explains the format. */
export function writeTable(
  structs: Structs,
  merge: MergeFacts,
  resources: readonly ResourceCells[],
  outFile: string,
): void {
  const named: Record<string, string> = {};
  const lines: Record<string, string[]> = {};
  for (const [name, fields] of structs) {
    lines[name] = [
      ...(merge.isAtomic(name) ? ['@atomic'] : []),
      ...merge.unions(name),
      ...fields.map((field) => line(name, field)),
    ];
  }
  const table = { named, structs: lines, resources };
  writeFileSync(outFile, `${layout(table)}\n`);

  function line(struct: string, field: FieldFacts): string {
    collectNamed(field.type);
    const flags = `${field.omitempty ? 'o' : ''}${field.omitzero ? 'z' : ''}${field.inline ? 'i' : ''}`;
    const extras = field.inline ? [] : merge.extras(struct, field.json);
    if (field.patchStrategy !== '') extras.push(`patch=${field.patchStrategy}`);
    if (field.patchMergeKey !== '') extras.push(`key=${field.patchMergeKey}`);
    const words = [field.json || '-', printGoType(field.type), flags || '-', String(field.number), ...extras];
    if (words.some((word) => word.includes(' ')))
      throw new Error(`${struct}.${field.go}: a space in "${words.join('|')}"`);
    return words.join(' ');
  }

  function collectNamed(type: GoType): void {
    if (type.form === 'map') collectNamed(type.key);
    if (type.form === 'map' || type.form === 'pointer' || type.form === 'slice') collectNamed(type.of);
    if (type.form === 'named' && type.under !== undefined) {
      named[type.name] = printGoType(type.under);
      collectNamed(type.under);
    }
  }
}

/** One field or row per line, so that a change of the facts reads well as a diff. */
function layout(table: {
  named: object;
  structs: Record<string, string[]>;
  resources: readonly ResourceCells[];
}): string {
  const structs = Object.entries(table.structs).map(
    ([name, lines]) => `${JSON.stringify(name)}:[\n${lines.map((l) => JSON.stringify(l)).join(',\n')}]`,
  );
  const named = Object.entries(table.named).map(([name, under]) => `${JSON.stringify(name)}:${JSON.stringify(under)}`);
  const rows = table.resources.map((row) => JSON.stringify(row));
  return `{"named":{\n${named.join(',\n')}},\n"structs":{\n${structs.join(',\n')}},\n"resources":[\n${rows.join(',\n')}]}`;
}
