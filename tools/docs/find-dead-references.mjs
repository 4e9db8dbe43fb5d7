import { access, readFile } from 'node:fs/promises';
import path from 'node:path';

const LINK = /!?\[[^\]]*\]\((<[^>]*>|[^)\s]+)(?:\s+"[^"]*")?\)/g;
const PATH_IN_CODE = /`((?:apps|libs|tools|docs|\.ci)\/[\w./-]+)`/g;

const exists = (/** @type {string} */ file) =>
  access(file).then(
    () => true,
    () => false,
  );

/** A heading's anchor as GitHub makes it. */
const anchor = (/** @type {string} */ heading) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');

const anchors = (/** @type {string} */ text) =>
  new Set([...text.matchAll(/^#{1,6} (.*)$/gm)].map(([, heading = '']) => anchor(heading)));

/**
 * Relative links of a page whose file or heading is missing, and paths in backticks (from the root, as
 * `libs/kernel/src/index.ts`) that are missing. Fenced blocks are examples and are not read.
 *
 * @param {{ readonly root: string, readonly page: string, readonly text: string }} options
 */
export async function findDeadReferences({ root, page, text }) {
  /** @type {{ line: number, reference: string }[]} */
  const dead = [];
  let isFenced = false;
  for (const [index, content] of text.split('\n').entries()) {
    if (/^\s*(```|~~~)/.test(content)) isFenced = !isFenced;
    if (isFenced) continue;
    for (const [, target = ''] of content.matchAll(LINK)) {
      const reference = target.replace(/^<|>$/g, '');
      if (/^[a-z][a-z+.-]*:|^\/\//i.test(reference)) continue;
      const [file = '', heading] = reference.split('#');
      const full = file === '' ? page : path.resolve(path.dirname(page), decodeURIComponent(file));
      const isDead =
        (full !== page && !(await exists(full))) ||
        (heading !== undefined &&
          full.endsWith('.md') &&
          !anchors(full === page ? text : await readFile(full, 'utf8')).has(heading));
      if (isDead) dead.push({ line: index + 1, reference });
    }
    for (const [, reference = ''] of content.matchAll(PATH_IN_CODE))
      if (!(await exists(path.join(root, reference)))) dead.push({ line: index + 1, reference });
  }
  return dead;
}
