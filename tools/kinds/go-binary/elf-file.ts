import { readFileSync } from 'node:fs';

interface Section {
  readonly name: string;
  /** Where the section is in the memory of the running program. */
  readonly address: number;
  readonly bytes: Buffer;
}

/** What is loaded of a 64-bit little-endian ELF program that is linked to fixed addresses, read by address. */
export interface ElfFile {
  /** Throws if there is none. */
  section(name: string): Section;
  /** The bytes from an address to the end of its section. Throws RangeError outside of every section. */
  at(address: number): Buffer;
}

const SECTION_TABLE_OFFSET = 0x28;
const SECTION_ENTRY_SIZE = 0x3a;
const SECTION_COUNT = 0x3c;
const SECTION_OF_NAMES = 0x3e;
const TYPE_NOBITS = 8;

/** `name` stands in messages only. */
export function readElf(bytes: Buffer, name: string): ElfFile {
  if (bytes.readUInt32BE(0) !== 0x7f454c46 || bytes[4] !== 2 || bytes[5] !== 1)
    throw new Error(`${name} is not a 64-bit little-endian ELF file`);
  const table = offset(bytes, SECTION_TABLE_OFFSET);
  const entrySize = bytes.readUInt16LE(SECTION_ENTRY_SIZE);
  const headers = Array.from({ length: bytes.readUInt16LE(SECTION_COUNT) }, (_, i) => {
    const at = table + i * entrySize;
    return {
      name: bytes.readUInt32LE(at),
      type: bytes.readUInt32LE(at + 4),
      address: offset(bytes, at + 0x10),
      from: offset(bytes, at + 0x18),
      size: offset(bytes, at + 0x20),
    };
  });
  const names = headers[bytes.readUInt16LE(SECTION_OF_NAMES)];
  if (names === undefined) throw new Error(`${name} has no section names`);
  const sections = headers
    .filter(({ type, address }) => type !== TYPE_NOBITS && address !== 0)
    .map((header): Section => {
      const start = names.from + header.name;
      return {
        name: bytes.toString('latin1', start, bytes.indexOf(0, start)),
        address: header.address,
        bytes: bytes.subarray(header.from, header.from + header.size),
      };
    });
  return {
    section(wanted) {
      const found = sections.find((section) => section.name === wanted);
      if (found === undefined) throw new Error(`${name} has no section ${wanted}`);
      return found;
    },
    at(address) {
      const found = sections.find((s) => address >= s.address && address < s.address + s.bytes.length);
      if (found === undefined) throw new RangeError(`${name} has nothing at 0x${address.toString(16)}`);
      return found.bytes.subarray(address - found.address);
    },
  };
}

export const readElfFile = (file: string): ElfFile => readElf(readFileSync(file), file);

/** Addresses and offsets of real programs fit into 53 bits. */
function offset(bytes: Buffer, at: number): number {
  return Number(bytes.readBigUInt64LE(at));
}
