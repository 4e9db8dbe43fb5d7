import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import type { WrappingKey } from './encryption-options';
import { secretboxOpen, secretboxSeal } from './secretbox';

const gcmNonceBytes = 12;
const gcmTagBytes = 16;
const cbcIvBytes = 16;
const boxNonceBytes = 24;

/**
 * What the log calls a wrapping key: `aesgcm:key1:0d5e…`. The last part comes from the secret, so that a name that is given to
 * another secret is another key.
 */
export function nameOfKey({ provider, name, secret }: WrappingKey): string {
  const print = createHash('sha256')
    .update('reckon wrapping key\u0000')
    .update(provider)
    .update('\u0000')
    .update(secret);
  return `${provider}:${name}:${print.digest('hex').slice(0, 16)}`;
}

/** The same for a person: `the aesgcm key "key1"`. */
export function toldKey(nameOf: string): string {
  const [provider = ''] = nameOf.split(':', 1);
  return `the ${provider} key ${JSON.stringify(nameOf.slice(provider.length + 1, nameOf.lastIndexOf(':')))}`;
}

/** Layouts are those of the providers upstream (storage/value/encrypt): nonce, then ciphertext with its tag. */
export function wrapKey({ provider, secret }: WrappingKey, dataKey: Buffer): Buffer {
  switch (provider) {
    case 'aesgcm': {
      const nonce = randomBytes(gcmNonceBytes);
      const cipher = createCipheriv(gcmOf(secret), secret, nonce);
      return Buffer.concat([nonce, cipher.update(dataKey), cipher.final(), cipher.getAuthTag()]);
    }
    case 'aescbc': {
      const iv = randomBytes(cbcIvBytes);
      const cipher = createCipheriv(cbcOf(secret), secret, iv);
      return Buffer.concat([iv, cipher.update(dataKey), cipher.final()]);
    }
    case 'secretbox': {
      const nonce = randomBytes(boxNonceBytes);
      return Buffer.concat([nonce, secretboxSeal(secret, nonce, dataKey)]);
    }
  }
}

/** undefined: it was not wrapped with this key, or is damaged. `aescbc` cannot always tell, but what it gives then opens nothing. */
export function unwrapKey({ provider, secret }: WrappingKey, wrapped: Buffer): Buffer | undefined {
  try {
    switch (provider) {
      case 'aesgcm': {
        const end = wrapped.length - gcmTagBytes;
        const decipher = createDecipheriv(gcmOf(secret), secret, wrapped.subarray(0, gcmNonceBytes));
        decipher.setAuthTag(wrapped.subarray(end));
        return Buffer.concat([decipher.update(wrapped.subarray(gcmNonceBytes, end)), decipher.final()]);
      }
      case 'aescbc': {
        const decipher = createDecipheriv(cbcOf(secret), secret, wrapped.subarray(0, cbcIvBytes));
        return Buffer.concat([decipher.update(wrapped.subarray(cbcIvBytes)), decipher.final()]);
      }
      case 'secretbox':
        return secretboxOpen(secret, wrapped.subarray(0, boxNonceBytes), wrapped.subarray(boxNonceBytes));
    }
  } catch {
    return undefined; // OpenSSL's word for a tag or padding that does not fit.
  }
}

type AesBits = 128 | 192 | 256;
const bitsOf = (secret: Uint8Array): AesBits => (secret.length * 8) as AesBits;
const gcmOf = (secret: Uint8Array): `aes-${AesBits}-gcm` => `aes-${bitsOf(secret)}-gcm`;
const cbcOf = (secret: Uint8Array): string => `aes-${String(bitsOf(secret))}-cbc`;
