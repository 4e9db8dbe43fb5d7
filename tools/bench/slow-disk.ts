import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';

/**
 * What the environment of a server must hold so that each of its flushes takes so many milliseconds more: disks differ more than
 * processors do, and a share of the floor depends on both. Needs a C compiler and a dynamic linker that knows `LD_PRELOAD`.
 */
export function slowDisk(ms: number, folder: string): Readonly<Record<string, string>> {
  if (process.platform !== 'linux') throw new Error('--disk-ms needs Linux');
  if (!(ms > 0)) throw new Error('--disk-ms: give the milliseconds, such as 3');
  mkdirSync(folder, { recursive: true });
  const library = path.join(folder, 'slow-disk.so');
  const source = path.join(import.meta.dirname, 'slow-disk.c');
  execFileSync('cc', ['-O2', '-shared', '-fPIC', '-o', library, source, '-ldl']);
  return { LD_PRELOAD: library, RECKON_BENCH_SYNC_US: String(Math.round(ms * 1000)) };
}
