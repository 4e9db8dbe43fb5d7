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

/**
 * A stored checksum is a CRC-32 of the row, and above its 32 bits a part that covers what the row points to:
 *
 * ```
 *   check_sum of an entry:  (1 + 20 bits of the CRC-32 of actor, agent, manager) * 2^32  +  CRC-32 of object and row
 * ```
 *
 * Below 2^53, so that a double holds it. An upper part of 0 covers nothing: the row is from a time before there was one.
 */
const upper = 2 ** 32;
const upperBits = 2 ** 20;

/** CRC-32 of the object's bytes, then of what else the row says. It tells a flipped bit, not a forger. */
export function checksum(fields: CheckedFields, object: Uint8Array): number {
  const { revision, key, previous, verb, at, request } = fields;
  return crc32(`${revision} ${previous} ${verb} ${at} ${request} ${key}`, crc32(object));
}

/** The same for the row of a wrapped data key. */
export const dataKeyChecksum = (revision: number, wrapped: Uint8Array): number =>
  crc32(String(revision), crc32(wrapped));

/** Of who did it, to be added to the checksum of an entry. */
export const whoChecksum = (actor: string, agent: string, manager: string): number =>
  pointedChecksum(`${actor}\u0000${agent}\u0000${manager}`);

/** Of the name of the wrapping key, to be added to the checksum of a data key. */
export const pointedChecksum = (text: string): number => (1 + (crc32(text) % upperBits)) * upper;

/** The part of a stored checksum that is of the row. */
export const rowPart = (stored: number): number => stored % upper;

/** The part that is of what the row points to; 0: none. */
export const pointedPart = (stored: number): number => stored - rowPart(stored);
