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

/**
 * `rbac/v1.Role` for `rbac.authorization.k8s.io/v1/Role.d.ts`, `core/v1.Pod` for `v1/Pod.d.ts`, `meta/v1.ObjectMeta` for
 * `apis/meta/v1/ObjectMeta.d.ts`; undefined for what no stable version has.
 *
 * @param {string} file
 */
function structOf(file) {
  const [, group = 'core', version, type] = /^(?:apis\/)?(?:([\w.]+)\/)?(v[12])\/(\w+)\.d\.ts$/.exec(file) ?? [];
  return version === undefined ? undefined : `${group.split('.')[0]}/${version}.${type}`;
}

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
    }
  const target = path.join(dist, 'descriptions.tsv');
  const partial = `${target}.${String(process.pid)}.partial`;
  await writeFile(partial, lines.sort().join(''));
  await rename(partial, target);
}
