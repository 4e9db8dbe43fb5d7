import { createCipheriv, createDecipheriv } from 'node:crypto';

/**
 * An encrypted object as it lies in `entries`: a mark that nothing else begins with, AES-256-GCM of the object, the tag. Each entry has a
 * key of its own that encrypts nothing else, so the nonce can be constant. Revision and key of the entry are authenticated with it:
 * an object that was moved to another entry does not open.
 */
const mark = Buffer.from('\u0000reckon\u0001');
const tagBytes = 16;
const nonce = Buffer.alloc(12);
export const dataKeyBytes = 32;

export interface EntryPlace {
  readonly revision: number;
  readonly key: string;
}

export const isSealed = (object: Buffer): boolean =>
  object[0] === mark[0] && object.subarray(0, mark.length).equals(mark);

export function sealObject(dataKey: Buffer, place: EntryPlace, object: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-gcm', dataKey, nonce);
  cipher.setAAD(placeText(place));
  return Buffer.concat([mark, cipher.update(object), cipher.final(), cipher.getAuthTag()]);
}

/** undefined: it was not sealed with this key for this entry. */
export function openObject(dataKey: Buffer, place: EntryPlace, sealed: Buffer): Buffer | undefined {
  const end = sealed.length - tagBytes;
  if (end < mark.length || dataKey.length !== dataKeyBytes) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', dataKey, nonce);
  decipher.setAAD(placeText(place));
  decipher.setAuthTag(sealed.subarray(end));
  const object = decipher.update(sealed.subarray(mark.length, end));
  try {
    decipher.final();
    return object;
  } catch {
    return undefined; // The tag does not fit.
  }
}

const placeText = ({ revision, key }: EntryPlace): Buffer => Buffer.from(`${String(revision)} ${key}`);
