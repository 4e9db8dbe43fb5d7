// Field descriptions for `kubectl explain` and table columns: read from the type declarations of @kubernetes/client-node, written to
// `dist`, never committed. One line per type: its name, a tab, and JSON of its fields ('' holds the type's own description).
import { readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const models = path.join(root, 'node_modules/@kubernetes/client-node/dist/gen/models');

/** A comment's text as the API's own documentation has it. */
const cleaned = (/** @type {string} */ text) =>
  text
    .replace(/^\s*\* ?/gm, '')
    .trim()
    .replace(/\\(['"])/g, '$1');

/** The generator of those models wrote two blanks for a paragraph; only here are there no others. */
const withParagraphs = 'V1ObjectMeta';

/**
 * @param {string} source a `.d.ts` file of one model
 * @returns {Record<string, string>}
 */
export function descriptionsOf(source) {
  /** @type {Record<string, string>} */
  const found = {};
  for (const [, text = '', name] of source.matchAll(
    /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(?:export declare class \w+|'([^']+)'\??:)/g,
  ))
    found[name ?? ''] = cleaned(text);
  return found;
}

/**
 * Writes `<dist>/descriptions.tsv` unless it is newer than the package. Without the package (a production install) there are none.
 *
 * @param {string} dist
 */
export async function writeDescriptions(dist) {
  const target = path.join(dist, 'descriptions.tsv');
  const [source, written] = await Promise.all([
    stat(models).catch(() => undefined),
    stat(target).catch(() => undefined),
  ]);
  if (source === undefined || (written !== undefined && written.mtimeMs > source.mtimeMs)) return;
  const files = (await readdir(models)).filter((f) => /^\w*V[12]\w*\.d\.ts$/.test(f) && !/V\d(alpha|beta)\d/.test(f));
  const lines = await Promise.all(
    files.map(async (file) => {
      const name = file.slice(0, -'.d.ts'.length);
      const text = JSON.stringify(descriptionsOf(await readFile(path.join(models, file), 'utf8')));
      return `${name}\t${name === withParagraphs ? text.replace(/ {2}(?=\S)/g, '\\n\\n') : text}\n`;
    }),
  );
  const partial = `${target}.${String(process.pid)}.partial`;
  await writeFile(partial, lines.join(''));
  await rename(partial, target);
}
