import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Documentation of API fields, read at build time from the declarations of `@kubernetes/client-node` and written beside the bundle;
 * it is not committed. `kubectl explain` and the column descriptions of tables show it. Usage:
 * `node tools/openapi/field-descriptions.mjs dist/field-descriptions.json`
 *
 * The result maps a struct of the table of kinds (`core/v1.PodSpec`) to its fields' texts; '' is the struct's own.
 */

const models = 'node_modules/@kubernetes/client-node/dist/gen/models';

/** Groups whose classes carry a prefix where two groups have a kind of the same name. */
const prefixes = {
  Admissionregistration: 'admissionregistration',
  Apiextensions: 'apiextensions',
  Apiregistration: 'apiregistration',
  Authentication: 'authentication',
  Core: 'core',
  Discovery: 'discovery',
  Events: 'events',
  Flowcontrol: 'flowcontrol',
  Rbac: 'rbac',
  Resource: 'resource',
  Storage: 'storage',
};

/**
 * @param {string} folder
 * @param {readonly string[]} structs names of the table of kinds
 */
export async function fieldDescriptions(folder, structs) {
  const files = new Set(
    (await readdir(folder)).filter((name) => name.endsWith('.d.ts')).map((name) => name.slice(0, -5)),
  );
  /** @type {Record<string, Record<string, string>>} */
  const found = {};
  for (const struct of structs) {
    const file = classOf(struct, files);
    if (file !== undefined) found[struct] = readDeclaration(await readFile(path.join(folder, `${file}.d.ts`), 'utf8'));
  }
  return found;
}

/** `core/v1.Event` → `CoreV1Event`, `core/v1.Pod` → `V1Pod`. */
function classOf(/** @type {string} */ struct, /** @type {Set<string>} */ files) {
  const match = /^(\w+)\/v(\w+)\.(\w+)$/.exec(struct);
  if (match === null) return undefined;
  const [, group, version, kind] = match;
  const prefix = Object.entries(prefixes).find(([, name]) => name === group)?.[0] ?? '';
  return [`${prefix}V${version}${kind}`, `V${version}${kind}`].find((name) => files.has(name));
}

const documented = /\/\*\*\n((?:\s*\*.*\n)*?)\s*\*\/\n\s*(?:export declare class (\w+)|'(\w+)'\??:)/g;

function readDeclaration(/** @type {string} */ text) {
  /** @type {Record<string, string>} */
  const texts = {};
  for (const [, comment = '', owner, field = ''] of text.matchAll(documented)) {
    if (owner === undefined && field === '') continue;
    texts[owner === undefined ? field : ''] = textOf(comment);
  }
  return texts;
}

/** The generator escapes quotes and puts a blank in the place of each line break; paragraphs are known by how they begin. */
function textOf(/** @type {string} */ comment) {
  return comment
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, ''))
    .join('\n')
    .trim()
    .replace(/\\'/g, "'")
    .replace(/\\"/g, '"')
    .replace(/ {2}(Populated by the system|Cannot be updated)/g, '\n\n$1');
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const root = path.resolve(import.meta.dirname, '../..');
  /** @type {{ structs: Record<string, unknown> }} */
  const table = JSON.parse(await readFile(path.join(root, 'libs/api/kinds/src/generated/kinds.json'), 'utf8'));
  const found = await fieldDescriptions(path.join(root, models), Object.keys(table.structs));
  await writeFile(process.argv[2] ?? path.join(root, 'dist/field-descriptions.json'), JSON.stringify(found));
}
