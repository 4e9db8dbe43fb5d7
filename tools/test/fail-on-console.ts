import { format } from 'node:util';
import { afterEach, beforeEach } from 'vitest';

/**
 * What a test prints nobody reads, and a library that prints is a defect: output through `console` or
 * `process.stdout` fails the test that caused it. A test of something that must print spies on it.
 */
const METHODS = ['log', 'info', 'warn', 'error', 'debug', 'trace', 'table', 'dir'] as const;

let printed: string[] = [];
let restore: (() => void)[] = [];

beforeEach(() => {
  printed = [];
  for (const method of METHODS) {
    // eslint-disable-next-line @typescript-eslint/unbound-method -- it is put back, not called
    const original = console[method];
    const recorder = (...values: unknown[]): void => {
      printed.push(`console.${method}: ${format(...values)}`);
    };
    console[method] = recorder;
    restore.push(() => {
      if (console[method] === recorder) console[method] = original;
    });
  }
  // eslint-disable-next-line @typescript-eslint/unbound-method -- it is put back, not called
  const original = process.stdout.write;
  const recorder = ((chunk: string | Uint8Array): boolean => {
    printed.push(`process.stdout: ${Buffer.from(chunk as string).toString()}`);
    return true;
  }) as typeof process.stdout.write;
  process.stdout.write = recorder;
  restore.push(() => {
    if (process.stdout.write === recorder) process.stdout.write = original;
  });
});

afterEach(() => {
  for (const undo of restore.reverse()) undo();
  restore = [];
  if (printed.length > 0) throw new Error(`the test printed:\n${printed.join('\n')}`);
});
