import { describe, expect, it } from 'vitest';
import { armFailpoint, armFromText, failpoint } from './failpoint';
import { RunningSet } from './lifecycle';
import { silentLogger } from './logger';

describe('RunningSet', () => {
  it('stops in reverse order, all of them, and throws the first failure', async () => {
    const log: string[] = [];
    const set = new RunningSet();
    const part = (name: string, fails = false): { stop: () => Promise<void> } => ({
      stop: async () => {
        log.push(name);
        if (fails) throw new Error(name);
      },
    });
    set.add(part('a'));
    set.add(part('b', true));
    set.add(part('c', true));
    await expect(set.stop()).rejects.toThrow('c');
    expect(log).toEqual(['c', 'b', 'a']);
    await set.stop();
    expect(log).toHaveLength(3);
  });
});

describe('failpoint', () => {
  it('does nothing until armed, and nothing after it is disarmed', () => {
    const hits: string[] = [];
    failpoint('test.point');
    const disarm = armFailpoint('test.point', (name) => hits.push(name));
    failpoint('test.point');
    failpoint('test.other');
    disarm();
    failpoint('test.point');
    expect(hits).toEqual(['test.point']);
  });

  it('is armed from text', () => {
    armFromText('test.text=throw,test.hang=hang:1');
    try {
      expect(() => failpoint('test.text')).toThrow('failpoint test.text');
      expect(() => failpoint('test.hang')).not.toThrow();
    } finally {
      armFailpoint('test.text', () => undefined)();
      armFailpoint('test.hang', () => undefined)();
    }
    expect(() => failpoint('test.text')).not.toThrow();
  });
});

describe('silentLogger', () => {
  it('says nothing, with fields or without', () => {
    silentLogger.with({ a: 1 }).error('x', { b: 2 });
    expect(silentLogger.with({})).toBe(silentLogger);
  });
});
