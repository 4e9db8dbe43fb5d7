const BLOCK = 512;

/**
 * One file of an uncompressed ustar archive, as `npm pack` makes them: names under 100 bytes, no links.
 *
 * @param {Buffer} tar
 * @param {string} wanted the file's full name
 * @returns {Buffer} a view on the archive
 */
export function readTarEntry(tar, wanted) {
  let at = 0;
  while (at + BLOCK <= tar.length && tar[at] !== 0) {
    const name = text(tar, at, 100);
    const prefix = text(tar, at + 345, 155);
    const size = Number.parseInt(text(tar, at + 124, 12), 8);
    if (!Number.isInteger(size)) throw new Error(`damaged tar archive: no size at byte ${at}`);
    const start = at + BLOCK;
    if ((prefix === '' ? name : `${prefix}/${name}`) === wanted) {
      if (start + size > tar.length) throw new Error(`damaged tar archive: ${wanted} is cut off`);
      return tar.subarray(start, start + size);
    }
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
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
