import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * The time of day of a Node program, set from outside at any moment, as an administrator or a time server does. Timers go on as the
 * machine's do, but for jobs of a minute or more, which come sixty times as often.
 */
export interface SettableClock {
  /** For the environment of the program. */
  readonly env: Readonly<Record<string, string>>;
  /** From about 20 ms later on the program's clock is so much ahead of this machine's (behind, if negative). */
  set(offsetMs: number): void;
  dispose(): void;
}

const preload = pathToFileURL(join(import.meta.dirname, 'settable-clock.preload.mjs'));

export function settableClock(): SettableClock {
  const folder = mkdtempSync(join(tmpdir(), 'reckon-clock-'));
  const file = join(folder, 'offset-ms');
  const set = (offsetMs: number): void => {
    // In one step: a reader never finds half a number.
    writeFileSync(`${file}.new`, String(offsetMs));
    renameSync(`${file}.new`, file);
  };
  set(0);
  return {
    env: { NODE_OPTIONS: `--import=${preload.href}`, RECKON_CLOCK_FILE: file },
    set,
    dispose() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
