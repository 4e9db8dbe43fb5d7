import { writeFileSync } from 'node:fs';
import { readElfFile } from './go-binary/elf-file';
import { reflectStructs } from './go-binary/reflected-structs';
import { type GoType, printGoType, shortName } from './go-type';

/**
 * `named`: what a named type stands for; `structs`: a line for each field, `<Go name> <JSON name> <type>`. The JSON name is `-` where the
 * fields of a struct are those of the one that it is in, and the Go name where JSON has none.
 */
export interface TemplateStructs {
  readonly named: Readonly<Record<string, string>>;
  readonly structs: Readonly<Record<string, readonly string[]>>;
}

const root = 'core/v1.PodTemplateSpec';
const wanted = /^(?:k8s\.io\/(?:api\/core\/v1|apimachinery\/pkg\/(?:apis\/meta\/v1|api\/resource|util\/intstr))|time)$/;

/**
 * What a Go program sees of a pod template: every struct that can be reached from it, its fields in their order, also those that JSON
 * does not have. Unknown ones behind a pointer (`*time.Location`, `*inf.Dec`) are left out.
 */
export function readTemplateStructs(program: string): TemplateStructs {
  const all = new Map(
    [...reflectStructs(readElfFile(program), (path) => wanted.test(path))].map(([name, f]) => [shortName(name), f]),
  );
  const named = new Map<string, string>();
  const structs = new Map<string, string[]>();
  visit(root);
  return { named: sorted(named), structs: sorted(structs) };

  function visit(name: string): void {
    const fields = all.get(name);
    if (fields === undefined || structs.has(name)) return;
    const lines: string[] = [];
    structs.set(name, lines);
    for (const { name: go, tag, type, embedded } of fields) {
      const isInlined = embedded && type.form === 'named' && type.under === undefined;
      const json = /json:"([^",]+)/.exec(tag)?.[1] ?? (isInlined ? '-' : go);
      // A package that has its version in its path is called by the part before it.
      lines.push(`${go} ${json} ${printGoType(type).replace(/gopkg\.in\/(\w+)\.v\d+/, '$1')}`);
      collect(type);
    }
  }

  function collect(type: GoType): void {
    if (type.form === 'map') collect(type.key);
    if (type.form === 'map' || type.form === 'pointer' || type.form === 'slice') collect(type.of);
    if (type.form !== 'named') return;
    if (type.under === undefined) visit(type.name);
    else {
      named.set(type.name, printGoType(type.under));
      collect(type.under);
    }
  }
}

const sorted = <T>(map: ReadonlyMap<string, T>): Record<string, T> =>
  Object.fromEntries([...map.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** A struct or a type per line, so that a change of the facts reads well as a diff. */
export function templateStructsText({ named, structs }: TemplateStructs): string {
  const lines = (facts: object): string =>
    Object.entries(facts)
      .map(([name, fact]) => `${JSON.stringify(name)}:${JSON.stringify(fact)}`)
      .join(',\n');
  return `{"named":{\n${lines(named)}},\n"structs":{\n${lines(structs)}}}\n`;
}

export function writeTemplateStructs(program: string, outFile: string): void {
  writeFileSync(outFile, templateStructsText(readTemplateStructs(program)));
}
