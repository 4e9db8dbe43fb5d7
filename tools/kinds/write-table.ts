import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FieldFacts, Structs } from './facts';
import { type GoType, printGoType } from './go-type';
import { readMergeFacts } from './merge-facts';

/** Writes kinds.json; its reader, libs/api/kinds/src/table.ts, explains the format. */
export function writeTable(structs: Structs, folder: string, outFile: string): void {
  const merge = readMergeFacts(folder, structs);
  const named: Record<string, string> = {};
  const lines: Record<string, string[]> = {};
  for (const [name, fields] of structs) {
    lines[name] = [...(merge.isAtomic(name) ? ['@atomic'] : []), ...fields.map((field) => line(name, field))];
  }
  const table = { named, structs: lines, resources: readResources(folder, structs) };
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

/** Kinds of subresources that live in another group version than their resource. */
const foreignKinds: Readonly<Record<string, readonly [group: string, version: string]>> = {
  Binding: ['', 'v1'],
  Eviction: ['policy', 'v1'],
  Scale: ['autoscaling', 'v1'],
  TokenRequest: ['authentication.k8s.io', 'v1'],
};

function readResources(folder: string, structs: Structs): unknown[][] {
  const [, ...rows] = readFileSync(join(folder, 'resources.tsv'), 'utf8').trimEnd().split('\n');
  return rows
    .map((row) => row.split('\t'))
    .filter(([, version = '']) => /^v[12]$/.test(version))
    .map((cells) => {
      const [group = '', version = '', resource, kind = '', singular, scope, shortNames, categories, verbs, subs] =
        cells;
      const struct = `${group === '' ? 'core' : (group.split('.')[0] ?? '')}/${version}.${kind}`;
      if (!structs.has(struct)) throw new Error(`${String(resource)}: no struct ${struct}`);
      return [
        group,
        version,
        resource,
        kind,
        structs.has(`${struct}List`) ? `${kind}List` : '',
        singular,
        scope === 'ns' ? 'namespaced' : 'cluster',
        words(shortNames, ','),
        words(categories, ','),
        words(verbs, '+'),
        words(subs, ' ').map((sub) => subresource(sub, group, version)),
        struct,
      ];
    });
}

function subresource(text: string, group: string, version: string): unknown[] {
  const [, name, kind = '', verbs] = /^(\w+)=(\w+)\[([\w+]*)\]$/.exec(text) ?? [];
  const [kindGroup, kindVersion] = foreignKinds[kind] ?? [group, version];
  return [name, kindGroup, kindVersion, kind, words(verbs, '+')];
}

const words = (text: string | undefined, separator: string): string[] =>
  text === undefined || text === '' ? [] : text.split(separator);

/** One field or row per line, so that a change of the facts reads well as a diff. */
function layout(table: { named: object; structs: Record<string, string[]>; resources: unknown[][] }): string {
  const structs = Object.entries(table.structs).map(
    ([name, lines]) => `${JSON.stringify(name)}:[\n${lines.map((l) => JSON.stringify(l)).join(',\n')}]`,
  );
  const named = Object.entries(table.named).map(([name, under]) => `${JSON.stringify(name)}:${JSON.stringify(under)}`);
  const rows = table.resources.map((row) => JSON.stringify(row));
  return `{"named":{\n${named.join(',\n')}},\n"structs":{\n${structs.join(',\n')}},\n"resources":[\n${rows.join(',\n')}]}`;
}
