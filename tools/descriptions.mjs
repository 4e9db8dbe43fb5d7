// Field descriptions for `kubectl explain` and table columns: read from published types, written to `dist`, never committed. One line per
// struct: its name as in the table of kinds, a tab, and JSON of its fields ('' holds the struct's own description).
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** A comment's text as the API's own documentation has it. */
const cleaned = (/** @type {string} */ text) =>
  text
    .replace(/^[^\S\n]*\* ?/gm, '')
    .trim()
    .replace(/\\([*/])/g, '$1');

/**
 * @param {string} source a `.d.ts` file of one type
 * @returns {Record<string, string>}
 */
export function descriptionsOf(source) {
  /** @type {Record<string, string>} */
  const found = {};
  for (const [, text = '', name] of source.matchAll(
    /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(?:export (?:interface|type) \w+|"([^"]+)"\??:)/g,
  ))
    found[name ?? ''] = cleaned(text);
  return found;
}

/** Packages that have no version, by the folder they are in beside `pkg`. */
const unversioned = /^(?:(api|util)\/)?(resource|intstr|runtime|version)\/(\w+)\.d\.ts$/;

/**
 * `rbac/v1.Role` for `rbac.authorization.k8s.io/v1/Role.d.ts`, `core/v1.Pod` for `v1/Pod.d.ts`, `meta/v1.ObjectMeta` for
 * `apis/meta/v1/ObjectMeta.d.ts`, `util/intstr.IntOrString` for `util/intstr/IntOrString.d.ts`, `pkg/version.Info` for `version/Info.d.ts`;
 * undefined for what no stable version has.
 *
 * @param {string} file
 */
function structOf(file) {
  const [, group = 'core', version, type] = /^(?:apis\/)?(?:([\w.]+)\/)?(v[12])\/(\w+)\.d\.ts$/.exec(file) ?? [];
  if (version !== undefined) return `${group.split('.')[0]}/${version}.${type}`;
  const [, parent = 'pkg', name, plain] = unversioned.exec(file) ?? [];
  return name === undefined ? undefined : `${parent}/${name}.${plain}`;
}

/**
 * What every kind says of its `apiVersion` and `kind`. The published kinds inherit the two from a type without comments; Status, which is
 * no resource, has them written out.
 *
 * @param {Readonly<Record<string, string>>} status
 */
const typeMetaOf = ({ apiVersion = '', kind = '' }) => ({ apiVersion, kind });

/**
 * Writes `<dist>/descriptions.tsv`.
 *
 * @param {string} dist
 * @param {readonly string[]} folders of `<group>/<version>/<Type>.d.ts`
 */
export async function writeDescriptions(dist, folders) {
  /** @type {string[]} */
  const lines = [];
  for (const folder of folders)
    for (const file of await readdir(folder, { recursive: true })) {
      const struct = structOf(file.split(path.sep).join('/'));
      if (struct === undefined) continue;
      const text = descriptionsOf(await readFile(path.join(folder, file), 'utf8'));
      lines.push(`${struct}\t${JSON.stringify(text)}\n`);
      if (struct === 'meta/v1.Status') lines.push(`meta/v1.TypeMeta\t${JSON.stringify(typeMetaOf(text))}\n`);
    }
  const target = path.join(dist, 'descriptions.tsv');
  const partial = `${target}.${String(process.pid)}.partial`;
  await writeFile(partial, lines.sort().join(''));
  await rename(partial, target);
}
