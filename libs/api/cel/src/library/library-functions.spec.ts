import { describe, expect, it } from 'vitest';
import { functionLines, patchFunctionLines } from '../check/cel-function-lines';
import { libraryFunctions } from './library-functions';
import { patternFunction } from './patterns';

/** What the evaluator does itself: these do not look at all of their arguments, or are made for their call. */
const ownWays = ['_&&_', '_||_', '_?_:_', '_[_]', '_[?_]', 'or', 'orValue', 'matches', 'find', 'findAll', 'sum'];

describe('the functions of expressions', () => {
  it('are those that are declared', () => {
    const declared = [...functionLines, ...patchFunctionLines].map((line) => line.slice(0, line.indexOf(' ')));
    const done = [...Object.keys(libraryFunctions), ...ownWays];
    expect(done.sort()).toEqual([...new Set(declared)].sort());
    for (const name of ['matches', 'find', 'findAll']) expect(patternFunction(name)).toBeDefined();
  });
});
