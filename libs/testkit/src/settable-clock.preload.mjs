// Loaded before a program whose clock a test sets (settable-clock.ts), in its main thread and in each of its workers.
import { readFileSync } from 'node:fs';

const file = process.env['RECKON_CLOCK_FILE'] ?? '';
const now = Date.now.bind(Date);
const setIntervalTruly = setInterval;

let offsetMs = 0;
let readAtMs = -Infinity;
Date.now = () => {
  const elapsedMs = performance.now();
  if (elapsedMs - readAtMs > 20) {
    offsetMs = Number(readFileSync(file, 'utf8'));
    readAtMs = elapsedMs;
  }
  return now() + offsetMs;
};

// What is done every minute is done every second.
Object.assign(globalThis, {
  setInterval: (/** @type {() => void} */ run, /** @type {number} */ ms) =>
    setIntervalTruly(run, ms >= 60_000 ? ms / 60 : ms),
});
