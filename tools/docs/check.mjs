// The docs check of `npm run verify`: what a page names must exist.
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { findDeadReferences } from './find-dead-references.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const skipped = new Set(['node_modules', 'dist', '.git', '.nx', '.reckon', 'coverage']);

/**
 * @param {string} folder
 * @returns {AsyncGenerator<string>}
 */
async function* pages(folder) {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!skipped.has(entry.name)) yield* pages(full);
    } else if (entry.name.endsWith('.md')) yield full;
  }
}

for await (const page of pages(root)) {
  const text = await readFile(page, 'utf8');
  for (const { line, reference } of await findDeadReferences({ root, page, text })) {
    console.error(`${path.relative(root, page)}:${line}: ${reference} does not exist`);
    process.exitCode = 1;
  }
}
