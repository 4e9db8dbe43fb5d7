import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import path from 'node:path';

/** 0600 for what nobody else may read. */
export type FileMode = 0o600 | 0o644;

/**
 * Writes all of a file or nothing: into a neighbour that is flushed and then renamed. The mode holds from the first byte on,
 * so that a key is never readable by others.
 */
export async function writeWhole(file: string, text: string, mode: FileMode): Promise<void> {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const neighbour = `${file}.${randomBytes(6).toString('hex')}.new`;
  try {
    const handle = await open(neighbour, 'wx', mode);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(neighbour, file);
  } catch (error) {
    rmSync(neighbour, { force: true });
    throw error;
  }
}
