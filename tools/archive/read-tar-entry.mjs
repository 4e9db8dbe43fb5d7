const BLOCK = 512;

/**
 * The files of an uncompressed ustar archive, as `npm pack` makes them: names under 100 bytes, no links.
 *
 * @param {Buffer} tar
 * @returns {Generator<{ readonly name: string, readonly bytes: Buffer }>} full names, and views on the archive
 */
export function* readTarEntries(tar) {
  let at = 0;
  while (at + BLOCK <= tar.length && tar[at] !== 0) {
    const name = text(tar, at, 100);
    const prefix = text(tar, at + 345, 155);
    const fullName = prefix === '' ? name : `${prefix}/${name}`;
    const size = Number.parseInt(text(tar, at + 124, 12), 8);
    if (!Number.isInteger(size)) throw new Error(`damaged tar archive: no size at byte ${at}`);
    const start = at + BLOCK;
    if (start + size > tar.length) throw new Error(`damaged tar archive: ${fullName} is cut off`);
    yield { name: fullName, bytes: tar.subarray(start, start + size) };
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
}

/**
 * @param {Buffer} tar
 * @param {string} wanted the file's full name
 * @returns {Buffer} a view on the archive
 */
export function readTarEntry(tar, wanted) {
  for (const { name, bytes } of readTarEntries(tar)) if (name === wanted) return bytes;
  throw new Error(`no ${wanted} in the tar archive`);
}

/**
 * @param {Buffer} tar
 * @param {number} start
 * @param {number} length
 */
const text = (tar, start, length) => {
  const field = tar.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.toString('latin1', 0, end === -1 ? length : end).trim();
};
