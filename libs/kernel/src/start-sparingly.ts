import { setFlagsFromString } from 'node:v8';
import type { Timers } from './clock';

/** Longer than a start takes, and the first seconds of a cluster that then stands idle. */
const sparingMs = 10_000;
/** Whenever a thread begins, V8 goes back to its default for all of them, and there is nobody who tells: so it is said again. */
const againMs = 10;

/**
 * While a program reads its code nearly all that it makes stays, from which V8 concludes that it needs more and more room for new
 * things: 15 MB in a cluster that nobody uses yet. So the first seconds of a process do without, in all its threads; after them V8
 * takes the room as soon as there is work for it. Call it before the code is read.
 */
export function startSparingly(timers: Timers): void {
  const spare = (): void => {
    setFlagsFromString('--semi-space-growth-factor=1');
  };
  spare();
  const end = timers.every(againMs, spare);
  timers.after(sparingMs, () => {
    end();
    setFlagsFromString('--semi-space-growth-factor=2');
  });
}
