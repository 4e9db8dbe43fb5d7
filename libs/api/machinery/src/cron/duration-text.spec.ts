import { expect, it } from 'vitest';
import { durationText } from './duration-text';

it.each([
  [0, '0s'],
  [0.000001, '1ns'],
  [0.0015, '1.5µs'],
  [1.25, '1.25ms'],
  [999.999999, '999.999999ms'],
  [500, '500ms'],
  [1000, '1s'],
  [15_000, '15s'],
  [90_000, '1m30s'],
  [1234.567891, '1.234567891s'],
  [60_000, '1m0s'],
  [90_500, '1m30.5s'],
  [3_600_000, '1h0m0s'],
  [-1500, '-1.5s'],
])('%d ms is %s to Go', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});
