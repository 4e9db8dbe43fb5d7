import { describe, expect, it } from 'vitest';
import { fieldPath } from './field-error';

describe('a field path', () => {
  const spec = fieldPath('spec');

  it.each([
    [fieldPath(), ''],
    [fieldPath('[]'), '[]'],
    [fieldPath('metadata', 'annotations').key('a.b/c'), 'metadata.annotations[a.b/c]'],
    [spec.child('containers').index(3).child('image'), 'spec.containers[3].image'],
    [spec.child('a', 'b', 'c'), 'spec.a.b.c'],
    [spec.child('').child('a', ''), 'spec.a'],
    [fieldPath().child('spec', 'x'), 'spec.x'],
    [fieldPath().key('k').child('x'), '[k].x'],
  ])('is written as %s', (path, text) => {
    expect(path.toString()).toBe(text);
  });

  it('never changes, so that it can be the start of many', () => {
    const containers = spec.child('containers');
    containers.index(0);
    containers.child('x');
    expect(containers.toString()).toBe('spec.containers');
    expect(spec.toString()).toBe('spec');
  });
});
