import { describe, expect, it } from 'vitest';
import { openPaths } from './open-paths';

describe('paths that anybody may read', () => {
  it.each<readonly [readonly string[], readonly string[], readonly string[]]>([
    [[], [], ['/', '/healthz']],
    [
      ['/healthz', 'readyz'],
      ['/healthz', '/readyz'],
      ['/healthz/', '/healthzz', '/health', '/'],
    ],
    [['/'], ['/'], ['/x', '//']],
    [['/debug*'], ['/debug', '/debugger', '/debug/x'], ['/x/debug']],
    [['/debug/*'], ['/debug/', '/debug/x'], ['/debug']],
    [['*'], ['/', '/anything'], []],
  ])('%j', (texts, open, closed) => {
    const isOpen = openPaths(texts);
    expect(open.filter((path) => !isOpen(path))).toEqual([]);
    expect(closed.filter(isOpen)).toEqual([]);
  });

  it('have a star at their end only', () => {
    expect(() => openPaths(['/a/*/b'])).toThrow(
      '--authorization-always-allow-paths: only trailing * allowed in "a/*/b"',
    );
    expect(() => openPaths(['/a**'])).toThrow('only trailing * allowed in "a**"');
  });
});
