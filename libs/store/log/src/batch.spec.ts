import { Drafter, pod } from '@reckon/store/contract/suites';
import { describe, expect, it } from 'vitest';
import { BatchEncoder } from './batch';

describe('BatchEncoder', () => {
  it('names a person once and by number afterwards', () => {
    const encoder = new BatchEncoder();
    const draft = new Drafter(0);
    const batch = (actor: string) => encoder.encode([draft.entries({ key: pod('a'), actor })], 0);
    expect(batch('alice').newWho).toEqual(['alice', 'suite/1.0', 'suite']);
    expect(batch('alice').newWho).toEqual([]);
    expect(batch('bob').newWho).toEqual(['bob', 'suite/1.0', 'suite']);
    expect(batch('alice').numbers[3]).toBe(0);
    expect(batch('bob').numbers[3]).toBe(1);
  });

  it('starts the numbering again when there are too many people', () => {
    const encoder = new BatchEncoder();
    const draft = new Drafter(0);
    let forgotten = 0;
    for (let i = 0; i < 10_000; i++) {
      if (encoder.encode([draft.entries({ key: pod('a'), actor: `u${i}` })], 0).forgetWho) forgotten++;
      encoder.release();
    }
    expect(forgotten).toBe(2);
  });

  it('gives memory out anew only when it was released, and lets that of a giant batch go', () => {
    const encoder = new BatchEncoder();
    const draft = new Drafter(0);
    const objectsOf = (size: number) =>
      encoder.encode([draft.entries({ key: pod('a'), text: 'x'.repeat(size) })], 0).objects;
    const first = objectsOf(10);
    const second = objectsOf(10);
    expect(second).not.toBe(first);
    encoder.release();
    expect(objectsOf(10)).toBe(first);
    expect(first.byteLength).toBe(256 * 1024);
    encoder.release();
    encoder.release();
    expect(objectsOf(20 * 1024 * 1024).byteLength).toBe(32 * 1024 * 1024);
    encoder.release();
    expect(objectsOf(10).byteLength).toBe(256 * 1024);
  });
});
