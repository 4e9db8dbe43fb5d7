import { describe, expect, it } from 'vitest';
import {
  countCommon,
  countIndexes,
  freeIndexes,
  hasIndex,
  indexesOf,
  indexesText,
  mergeIndexes,
  parseIndexes,
} from './index-intervals';

const read = (text: string): ReturnType<typeof parseIndexes> => parseIndexes(text, 100);

describe('indexes', () => {
  it.each([
    ['', ''],
    ['0', '0'],
    ['0-5', '0-5'],
    ['1,2', '1,2'],
    ['1-2', '1,2'],
    ['1,2,3', '1-3'],
    ['1,3-5,7', '1,3-5,7'],
    ['x,3', '3'],
    ['1-x,3', '3'],
    ['98-200', '98,99'],
    ['97,100,3', '97'],
  ])('of %j are %j', (text, expected) => {
    expect(indexesText(read(text))).toBe(expected);
  });

  it('are made of numbers in any order', () => {
    expect(indexesText(indexesOf([7, 1, 3, 2, 7]))).toBe('1-3,7');
  });

  it.each([
    ['', '', ''],
    ['1-3', '', '1-3'],
    ['1-3', '4', '1-4'],
    ['1,5', '2-4', '1-5'],
    ['0-10', '3', '0-10'],
    ['1,9', '4,6', '1,4,6,9'],
  ])('%j and %j together are %j', (a, b, expected) => {
    expect(indexesText(mergeIndexes(read(a), read(b)))).toBe(expected);
    expect(indexesText(mergeIndexes(read(b), read(a)))).toBe(expected);
  });

  it.each([
    ['', 0],
    ['4', 1],
    ['1-3,7', 4],
  ])('%j are %d', (text, count) => {
    expect(countIndexes(read(text))).toBe(count);
  });

  it('tell whether they have one', () => {
    const indexes = read('1-3,7,10-20');
    const inside = Array.from({ length: 25 }, (_, i) => i).filter((i) => hasIndex(indexes, i));
    expect(indexesText(indexesOf(inside))).toBe('1-3,7,10-20');
  });

  it.each([
    ['1-3', '2-9', 2],
    ['1,3,5', '1-5', 3],
    ['1-3', '4', 0],
    ['0-9', '1,3-4,9,12', 4],
  ])('%j and %j have %s in common', (a, b, count) => {
    expect(countCommon(read(a), read(b))).toBe(count);
    expect(countCommon(read(b), read(a))).toBe(count);
  });

  it.each([
    ['', 3, 10, [0, 1, 2]],
    ['0-1,3', 3, 10, [2, 4, 5]],
    ['0-1,3', 3, 5, [2, 4]],
    ['0-9', 3, 10, []],
    ['5', 0, 10, []],
  ])('of %j the first %d below %d are free: %j', (taken, count, completions, free) => {
    expect(freeIndexes(read(taken), count, completions)).toEqual(free);
  });
});
