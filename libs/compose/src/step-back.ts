import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';

/** A tenth of the processor beside a thread of the usual priority; all of it when nobody else wants it. */
const behindOthers = 10;

/**
 * Lets the calling thread have the processor after the other threads of this program: for work that may lag. On Linux only, where threads
 * have priorities of their own; what the system does not allow is left as it is.
 */
export function stepBack(): void {
  if (process.platform !== 'linux') return;
  try {
    // `<process>/task/<thread>`; to the kernel a thread has a number like a process.
    const thread = readlinkSync('/proc/thread-self').split('/').at(-1);
    if (thread !== undefined) setPriority(Number(thread), behindOthers);
  } catch {
    // Without /proc, or where no priority may be set: it works as it did.
  }
}
