import type { Clock } from '@reckon/kernel';
import { createReadStream, createWriteStream } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

const dayMs = 86_400_000;
const zipped = '.gz';

/** `audit.log` put aside at a time: `audit-2026-01-31T12-00-00.000.log`, as gopkg.in/natefinch/lumberjack names it. */
export function backupPath(path: string, ms: number): string {
  const extension = extname(path);
  const stem = basename(path, extension);
  const time = new Date(ms).toISOString().slice(0, 23).replaceAll(':', '-');
  return join(dirname(path), `${stem}-${time}${extension}`);
}

interface Limits {
  readonly path: string;
  readonly maxAgeDays: number;
  readonly maxBackups: number;
  readonly compress: boolean;
  readonly clock: Clock;
}

/** Removes files put aside that are too many or too old, and compresses the others. */
export async function tidyBackups({ path, maxAgeDays, maxBackups, compress, clock }: Limits): Promise<void> {
  if (maxAgeDays === 0 && maxBackups === 0 && !compress) return;
  const folder = dirname(path);
  const backups = (await readdir(folder))
    .map((name) => ({ name, ms: timeOf(name, path) }))
    .filter((backup): backup is { name: string; ms: number } => backup.ms !== undefined)
    .sort((a, b) => b.ms - a.ms);
  const newest = [...new Set(backups.map(({ ms }) => ms))];
  const kept = new Set(maxBackups > 0 ? newest.slice(0, maxBackups) : newest);
  const oldestMs = maxAgeDays > 0 ? clock.nowMs() - maxAgeDays * dayMs : Number.NEGATIVE_INFINITY;
  for (const { name, ms } of backups) {
    const file = join(folder, name);
    if (!kept.has(ms) || ms < oldestMs) await rm(file, { force: true });
    else if (compress && !name.endsWith(zipped)) await zip(file);
  }
}

async function zip(file: string): Promise<void> {
  await pipeline(createReadStream(file), createGzip(), createWriteStream(file + zipped, { mode: 0o600 }));
  await rm(file);
}

/** When a file of the folder was put aside; undefined if it is none of ours. */
function timeOf(name: string, path: string): number | undefined {
  const extension = extname(path);
  const prefix = `${basename(path, extension)}-`;
  const plain = name.endsWith(zipped) ? name.slice(0, -zipped.length) : name;
  if (!plain.startsWith(prefix) || !plain.endsWith(extension)) return undefined;
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d\.\d{3})$/.exec(
    plain.slice(prefix.length, plain.length - extension.length),
  );
  if (match === null) return undefined;
  const [, day = '', hour = '', minute = '', second = ''] = match;
  const ms = Date.parse(`${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}
