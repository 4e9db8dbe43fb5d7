import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * A package of the npm registry that is read, never installed.
 *
 * @typedef {object} PinnedPackage
 * @property {string} package
 * @property {string} version
 * @property {string} integrity of its tarball, as `npm view` prints it
 */

/**
 * Packs it into a folder, through npm, whose cache and registry settings are the user's.
 *
 * @param {PinnedPackage} pinned
 * @param {string} folder an empty one
 * @param {string} without what to do if there is no registry, for the message
 * @returns {Promise<Buffer>} the package's tarball, proved to be the one that is pinned
 */
export async function fetchPackage(pinned, folder, without) {
  const spec = `${pinned.package}@${pinned.version}`;
  const { status, stderr, error } = spawnSync('npm', ['pack', spec, '--silent', '--pack-destination', folder], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (status !== 0) throw new Error(`npm pack ${spec} failed: ${error?.message ?? stderr.trim()}\n${without}`);
  const name = (await readdir(folder)).find((file) => file.endsWith('.tgz'));
  if (name === undefined) throw new Error(`npm pack ${spec} left no tarball in ${folder}`);
  const tarball = await readFile(path.join(folder, name));
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
  if (integrity !== pinned.integrity) throw new Error(`${spec} has ${integrity}, expected ${pinned.integrity}`);
  return tarball;
}
