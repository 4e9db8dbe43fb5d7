import { describe, expect, it } from 'vitest';
import { checksum, dataKeyChecksum, pointedChecksum, pointedPart, rowPart, whoChecksum } from './checksum';

const fields = { revision: 7, key: '/core/pods/a/b', previous: 3, verb: 'update', at: 5, request: 'r' } as const;

describe('a checksum', () => {
  it('keeps its two parts apart, in a number that a double holds', () => {
    for (let i = 0; i < 2000; i++) {
      const row = checksum({ ...fields, revision: i }, Buffer.from(String(i)));
      const who = whoChecksum(`actor-${i}`, 'agent', 'manager');
      const stored = row + who;
      expect(Number.isSafeInteger(stored)).toBe(true);
      expect([rowPart(stored), pointedPart(stored)]).toEqual([row, who]);
      expect(who).toBeGreaterThan(0);
    }
    const alone = dataKeyChecksum(1, Buffer.from('w'));
    expect([rowPart(alone), pointedPart(alone)]).toEqual([alone, 0]);
  });

  it('tells each bit of who made it that is flipped', () => {
    const who = 'system:serviceaccount:kube-system:replicaset-controller\u0000reckon/1.0\u0000controller-manager';
    const bytes = Buffer.from(who);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const other = Buffer.from(bytes);
      other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(pointedChecksum(other.toString('latin1'))).not.toBe(pointedChecksum(who));
    }
  });

  it('tells one name from another', () => {
    const one = whoChecksum('jane', 'cli', 'm');
    expect(one).toBe(whoChecksum('jane', 'cli', 'm'));
    for (const other of [
      whoChecksum('janecli', '', 'm'),
      whoChecksum('jane', 'clim', ''),
      whoChecksum('', 'jane', 'clim'),
    ])
      expect(other).not.toBe(one);
  });
});
