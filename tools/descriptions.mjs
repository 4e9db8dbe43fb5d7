// Field descriptions for `kubectl explain` and table columns: read from the type declarations of the official client, written to
// `dist`, never committed. One line per type: its name, a tab, and JSON of its fields ('' holds the type's own description).
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';

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
 * Writes `<dist>/descriptions.tsv`.
 *
 * @param {string} dist
 * @param {string} models
 */
export async function writeDescriptions(dist, models) {
  const target = path.join(dist, 'descriptions.tsv');
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
