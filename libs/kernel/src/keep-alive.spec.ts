import { describe, expect, it } from 'vitest';
import { keepAlive } from './keep-alive';

const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

describe('keepAlive', () => {
  it('holds the process until it is ended', () => {
    const before = timers();
    const end = keepAlive();
    expect(timers()).toBe(before + 1);
    end();
    expect(timers()).toBe(before);
  });
});
