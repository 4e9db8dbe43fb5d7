import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readTarEntries } from './archive/read-tar-entry.mjs';
import { fetchPackage } from './fetch-package.mjs';

/**
 * What the official client for JavaScript is generated from is the OpenAPI of one version of Kubernetes: its models have the fields with
 * their descriptions, its calls the paths and verbs. It is read, never run: this version wants a newer Node than Reckon does.
 */
const source = {
  package: '@kubernetes/client-node',
  version: '2.0.1',
  integrity: 'sha512-evJgmEtgArEYlj6DNkMGjK41IrFK/hEwb5lWVxx0VRBWybQpnvi+2TtA19mLgVfRHfqX5yjHObX6e9W7LEZBjw==',
};

/** Outside the repository, so that it is fetched once. */
const cache = path.join(
  process.env['XDG_CACHE_HOME'] ?? path.join(os.homedir(), '.cache'),
  'reckon-clients',
  `client-node-${source.version}`,
);

const wanted = /^package\/dist\/gen\/(?:models\/\w+\.(?:d\.ts|js)|apis\/\w+\.js)$/;

/**
 * The folder with `models/` and `apis/`, fetched when it is missing; concurrent callers do no harm, since it appears by one rename.
 *
 * @returns {Promise<string>}
 */
export async function fetchClientModels() {
  if (existsSync(cache)) return cache;
  await mkdir(path.dirname(cache), { recursive: true });
  const scratch = await mkdtemp(`${cache}.`);
  try {
    const tarball = gunzipSync(
      await fetchPackage(source, scratch, 'It is read once, to build and to make the tables.'),
    );
    const unpacked = path.join(scratch, 'unpacked');
    for (const folder of ['models', 'apis']) await mkdir(path.join(unpacked, folder), { recursive: true });
    for (const { name, bytes } of readTarEntries(tarball))
      if (wanted.test(name)) await writeFile(path.join(unpacked, name.slice('package/dist/gen/'.length)), bytes);
    await rename(unpacked, cache).catch((/** @type {unknown} */ error) => {
      if (!existsSync(cache)) throw error;
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return cache;
}
