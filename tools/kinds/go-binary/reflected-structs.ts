import type { GoType } from '../go-type';
import { shortName } from '../go-type';
import type { ElfFile } from './elf-file';

/** One field of a struct as Go's reflection sees it. */
export interface ReflectedField {
  readonly name: string;
  readonly tag: string;
  readonly type: GoType;
  readonly embedded: boolean;
}

/** By full name, `k8s.io/api/core/v1.Container`. */
export type ReflectedStructs = ReadonlyMap<string, readonly ReflectedField[]>;

// Layout of `internal/abi` (Type, StructType, Name …) as Go 1.24 to 1.26 write it on machines with 8-byte words.
const TYPE_FLAGS = 20;
const TYPE_KIND = 23;
const TYPE_NAME = 40;
const TYPE_SIZE = 48;
const FLAG_UNCOMMON = 1;
const FLAG_EXTRA_STAR = 2;
const FLAG_NAMED = 4;
const KIND_MASK = 0x1f;
const FIELD_SIZE = 24;
const NAME_HAS_TAG = 2;
const NAME_IS_EMBEDDED = 8;

const basicKinds: Readonly<Record<number, string>> = {
  1: 'bool', 2: 'int', 3: 'int8', 4: 'int16', 5: 'int32', 6: 'int64', 7: 'uint', 8: 'uint8', 9: 'uint16',
  10: 'uint32', 11: 'uint64', 12: 'uintptr', 13: 'float32', 14: 'float64', 24: 'string',
}; // prettier-ignore
const kinds = { array: 17, interface: 20, map: 21, pointer: 22, slice: 23, struct: 25 };

/** How many bytes a type's own part has before its uncommon part. */
const sizes: Readonly<Record<number, number>> = { 17: 72, 18: 64, 19: 56, 20: 80, 21: 112, 22: 56, 23: 56, 25: 80 };

/**
 * Every named struct whose package `wanted` accepts, with its fields. The compiler leaves this in each program that uses reflection, as
 * clients of Kubernetes do to decode JSON; `.typelink` lists unnamed types (pointers, slices, maps), from which the rest is reached.
 */
export function reflectStructs(elf: ElfFile, wanted: (packagePath: string) => boolean): ReflectedStructs {
  const links = elf.section('.typelink').bytes;
  const base = typesBase(elf, links);
  const found = new Map<string, readonly ReflectedField[]>();
  const seen = new Set<number>();
  const waiting: number[] = [];
  for (let at = 0; at < links.length; at += 4) waiting.push(base + links.readInt32LE(at));
  for (let address = waiting.pop(); address !== undefined; address = waiting.pop()) visit(address);
  return found;

  function visit(address: number): void {
    if (seen.has(address)) return;
    seen.add(address);
    const bytes = elf.at(address);
    const kind = kindOf(bytes);
    if (kind === kinds.pointer || kind === kinds.slice || kind === kinds.array) waiting.push(word(bytes, TYPE_SIZE));
    else if (kind === kinds.map) waiting.push(word(bytes, TYPE_SIZE), word(bytes, TYPE_SIZE + 8));
    else if (kind === kinds.struct) {
      const name = fullName(address);
      const fields = fieldsOf(bytes);
      for (const { type } of fields) waiting.push(type);
      if (name === undefined || !wanted(name.slice(0, name.lastIndexOf('.')))) return;
      found.set(
        name,
        fields.map(({ name: text, type }) => ({ ...readName(text), type: typeOf(type) })),
      );
    }
  }

  function fieldsOf(struct: Buffer): { name: number; type: number }[] {
    const count = word(struct, TYPE_SIZE + 16);
    if (count === 0) return [];
    const fields = elf.at(word(struct, TYPE_SIZE + 8));
    return Array.from({ length: count }, (_, i) => ({
      name: word(fields, i * FIELD_SIZE),
      type: word(fields, i * FIELD_SIZE + 8),
    }));
  }

  function typeOf(address: number): GoType {
    const bytes = elf.at(address);
    const name = fullName(address);
    if (name === undefined) return unnamed(bytes);
    const kind = kindOf(bytes);
    const short = shortName(name);
    return kind === kinds.struct || kind === kinds.interface
      ? { form: 'named', name: short }
      : { form: 'named', name: short, under: unnamed(bytes) };
  }

  /** The type without its name. */
  function unnamed(bytes: Buffer): GoType {
    const kind = kindOf(bytes);
    const basic = basicKinds[kind];
    if (basic !== undefined) return { form: 'basic', name: basic };
    if (kind === kinds.pointer) return { form: 'pointer', of: typeOf(word(bytes, TYPE_SIZE)) };
    if (kind === kinds.slice) return { form: 'slice', of: typeOf(word(bytes, TYPE_SIZE)) };
    if (kind === kinds.map)
      return { form: 'map', key: typeOf(word(bytes, TYPE_SIZE)), of: typeOf(word(bytes, TYPE_SIZE + 8)) };
    return { form: 'basic', name: 'any' };
  }

  /** `package/path.Name`; undefined for types without a name, and for those of the language. */
  function fullName(address: number): string | undefined {
    const bytes = elf.at(address);
    const flags = bytes[TYPE_FLAGS] ?? 0;
    if ((flags & FLAG_NAMED) === 0 || (flags & FLAG_UNCOMMON) === 0) return undefined;
    const text = readName(base + bytes.readInt32LE(TYPE_NAME)).name.slice((flags & FLAG_EXTRA_STAR) === 0 ? 0 : 1);
    const pathOffset = bytes.readInt32LE(sizes[kindOf(bytes)] ?? TYPE_SIZE);
    const packagePath = pathOffset === 0 ? '' : readName(base + pathOffset).name;
    return packagePath === '' ? undefined : `${packagePath}.${text.slice(text.indexOf('.') + 1)}`;
  }

  function readName(address: number): { name: string; tag: string; embedded: boolean } {
    return nameAt(elf, address);
  }
}

/**
 * Where offsets of types and names count from: a word of the module's data. Its place there differs between versions of Go, so it is
 * the one word from which the first and the last link both lead to a type with a readable name.
 */
function typesBase(elf: ElfFile, links: Buffer): number {
  const module = elf.section('.go.module').bytes;
  const { address, bytes } = elf.section('.rodata');
  const samples = [0, links.length >> 1, links.length - 4].map((at) => links.readInt32LE(at & ~3));
  for (let at = 0; at + 8 <= module.length; at += 8) {
    const candidate = word(module, at);
    if (candidate < address || candidate >= address + bytes.length) continue;
    if (samples.every((sample) => isUnnamedType(elf, candidate, sample))) return candidate;
  }
  throw new Error('the types of the program were not found: is it built by a newer Go?');
}

function isUnnamedType(elf: ElfFile, base: number, link: number): boolean {
  try {
    const type = elf.at(base + link);
    const { name } = nameAt(elf, base + type.readInt32LE(TYPE_NAME));
    return /^\*?(?:\*|\[|map\[|func\(|chan |<-chan|struct \{|interface \{)[\x20-\x7e]*$/.test(name);
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** `abi.Name`: flags, length, text, and a tag of the same form. */
function nameAt(elf: ElfFile, address: number): { name: string; tag: string; embedded: boolean } {
  const bytes = elf.at(address);
  const flags = bytes[0] ?? 0;
  const [name, afterName] = text(bytes, 1);
  const [tag] = (flags & NAME_HAS_TAG) === 0 ? [''] : text(bytes, afterName);
  return { name, tag, embedded: (flags & NAME_IS_EMBEDDED) !== 0 };
}

function text(bytes: Buffer, at: number): [text: string, after: number] {
  let length = 0;
  let from = at;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[from++] ?? 0;
    length |= (byte & 0x7f) << shift;
    if ((byte & 0x80) === 0 || shift > 21) break;
  }
  return [bytes.toString('utf8', from, from + length), from + length];
}

const kindOf = (type: Buffer): number => (type[TYPE_KIND] ?? 0) & KIND_MASK;
const word = (bytes: Buffer, at: number): number => Number(bytes.readBigUInt64LE(at));
