import { setFlagsFromString } from 'node:v8';
import type { Timers } from './clock';

/** What a start takes; whoever uses the cluster then should not pay for it. */
const sparingMs = 1200;
/** Whenever a thread begins, V8 goes back to its default for all of them, and there is nobody who tells: so it is said again. */
const againMs = 10;

/**
 * While a program reads its code nearly all that it makes stays, from which V8 concludes that it needs more and more room for new
 * things: 15 MB in a cluster that nobody uses yet. So a start does without, in all its threads; after it V8 takes the
 * room as soon as there is work for it: with none a tenth to a fifth of all work would be collecting. Call it before the code is read.
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
