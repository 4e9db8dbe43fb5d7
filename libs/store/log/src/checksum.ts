import { crc32 } from 'node:zlib';
import type { Verb } from '@reckon/store/contract';

export interface CheckedFields {
  readonly revision: number;
  readonly key: string;
  readonly previous: number;
  readonly verb: Verb;
  readonly at: number;
  readonly request: string;
}

/** CRC-32 of the object's bytes, then of what else the row says. It tells a flipped bit, not a forger. */
export function checksum(fields: CheckedFields, object: Uint8Array): number {
  const { revision, key, previous, verb, at, request } = fields;
  return crc32(`${revision} ${previous} ${verb} ${at} ${request} ${key}`, crc32(object));
}

/** The same for the row of a wrapped data key. */
export const dataKeyChecksum = (revision: number, wrapped: Uint8Array): number =>
  crc32(String(revision), crc32(wrapped));
