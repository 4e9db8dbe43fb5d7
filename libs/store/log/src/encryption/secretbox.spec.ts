import { describe, expect, it } from 'vitest';
import { secretboxOpen, secretboxSeal } from './secretbox';

const key = Buffer.from(Array.from({ length: 32 }, (_, i) => i));
const nonce = Buffer.from(Array.from({ length: 24 }, (_, i) => 100 + i));

describe('secretbox', () => {
  // Boxes that TweetNaCl made.
  it.each([
    [
      'a data key of thirty-two bytes!!',
      '693b470acb3ea09dcde66850f82385c66399fda84ed7ee82d58403fb51a4d77057d84cdec9d23c74866e3be06ff8e8a9',
    ],
    [
      'x'.repeat(100),
      'bf6914c1a84c54cea1ab8de2fcc996a27ac1e1b142ceb691c8855bec4ffcdb6046d240df9cde3363de743aec72f3b1f0d0178c60374fe39c8d6e6f1a786ba51db9e8d6606afe41277b992b7ca3cae61c3bf33415b04430f2c1f7678a38bb95eb2ceff57fdf87037aeae3f15f009e9dbe82b19103',
    ],
  ])('seals %s as NaCl does, and opens it', (text, box) => {
    expect(secretboxSeal(key, nonce, Buffer.from(text)).toString('hex')).toBe(box);
    expect(secretboxOpen(key, nonce, Buffer.from(box, 'hex'))?.toString()).toBe(text);
  });

  it('opens nothing that was changed in any byte, cut short, or made with another key or nonce', () => {
    const box = secretboxSeal(key, nonce, Buffer.from('text'));
    for (let i = 0; i < box.length; i++) {
      const forged = Buffer.from(box);
      forged[i] = (forged[i] ?? 0) ^ 1;
      expect(secretboxOpen(key, nonce, forged)).toBeUndefined();
    }
    expect(secretboxOpen(key, nonce, box.subarray(0, 19))).toBeUndefined();
    expect(secretboxOpen(key, nonce, Buffer.alloc(0))).toBeUndefined();
    expect(secretboxOpen(Buffer.alloc(32), nonce, box)).toBeUndefined();
    expect(secretboxOpen(key, Buffer.alloc(24), box)).toBeUndefined();
  });
});
