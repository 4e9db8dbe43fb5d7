import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readTarEntries } from './archive/read-tar-entry.mjs';
import { fetchPackage } from './fetch-package.mjs';

/** Outside the repository, so that each is fetched once. */
const cache = path.join(process.env['XDG_CACHE_HOME'] ?? path.join(os.homedir(), '.cache'), 'reckon-clients');

/**
 * The folder with a package's files, fetched when it is missing; concurrent callers do no harm, since it appears by one rename.
 *
 * @param {import('./fetch-package.mjs').PinnedPackage} pinned
 * @param {RegExp} wanted what to keep, by path inside the package
 * @returns {Promise<string>}
 */
export async function unpackedPackage(pinned, wanted) {
  const folder = path.join(cache, `${pinned.package.replace(/^@/, '').replace('/', '-')}-${pinned.version}`);
  if (existsSync(folder)) return folder;
  await mkdir(cache, { recursive: true });
  const scratch = await mkdtemp(`${folder}.`);
  try {
    const tarball = gunzipSync(
      await fetchPackage(pinned, scratch, 'It is read once, to build and to make the tables.'),
    );
    const unpacked = path.join(scratch, 'unpacked');
    await mkdir(unpacked);
    for (const { name, bytes } of readTarEntries(tarball)) {
      const inside = name.slice(name.indexOf('/') + 1);
      if (!wanted.test(inside) || inside.split('/').includes('..')) continue;
      const file = path.join(unpacked, inside);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, bytes);
    }
    await rename(unpacked, folder).catch((/** @type {unknown} */ error) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return folder;
}
