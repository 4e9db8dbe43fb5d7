import { crc32, inflateRawSync } from 'node:zlib';

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const LOCAL_HEADER = 0x04034b50;
const STORED = 0;
const DEFLATED = 8;

/**
 * One file of a zip archive under 4 GB, its checksum verified.
 *
 * @param {Buffer} zip
 * @param {string} wanted the file's full name
 * @returns {Buffer}
 */
export function readZipEntry(zip, wanted) {
  const end = zip.lastIndexOf(signature(END_OF_DIRECTORY));
  if (end === -1) throw new Error('not a zip archive');
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (zip.readUInt32LE(at) !== DIRECTORY_ENTRY) throw new Error(`damaged zip archive: no entry at byte ${at}`);
    const nameLength = zip.readUInt16LE(at + 28);
    if (zip.toString('utf8', at + 46, at + 46 + nameLength) === wanted) return content(zip, at, wanted);
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  throw new Error(`no ${wanted} in the zip archive`);
}

/**
 * @param {Buffer} zip
 * @param {number} entry where its directory entry begins
 * @param {string} name
 */
function content(zip, entry, name) {
  const method = zip.readUInt16LE(entry + 10);
  const checksum = zip.readUInt32LE(entry + 16);
  const size = zip.readUInt32LE(entry + 20);
  const header = zip.readUInt32LE(entry + 42);
  if (zip.readUInt32LE(header) !== LOCAL_HEADER) throw new Error(`damaged zip archive: ${name} has no header`);
  const start = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
  const packed = zip.subarray(start, start + size);
  if (method !== STORED && method !== DEFLATED) throw new Error(`${name} is packed by the unknown method ${method}`);
  const bytes = method === STORED ? packed : inflateRawSync(packed);
  if (crc32(bytes) !== checksum) throw new Error(`damaged zip archive: ${name} has a wrong checksum`);
  return bytes;
}

const signature = (/** @type {number} */ value) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
