import { access, chmod, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { fetchDescribedTypes } from './described-types.mjs';
import { writeDescriptions } from './descriptions.mjs';

const root = path.resolve(import.meta.dirname, '..');
const dist = path.join(root, 'dist');
const stampFile = path.join(dist, 'bundle-stamp.json');

/**
 * What runs from `dist`: the program, and each worker thread by the name its owner starts it with. An entry whose
 * source does not exist is left out.
 */
const entries = {
  reckon: 'apps/reckon/src/main.ts',
  apiserver: 'apps/apiserver/src/main.ts',
  'controller-manager': 'apps/controller-manager/src/main.ts',
  scheduler: 'apps/scheduler/src/main.ts',
  kubelet: 'apps/kubelet/src/main.ts',
  'log-writer': 'libs/store/log/src/worker/writer.entry.ts',
  'log-reader': 'libs/store/log/src/worker/reader.entry.ts',
  agents: 'libs/compose/src/agents.entry.ts',
  relay: 'libs/compose/src/relay.entry.ts',
};

/**
 * Native modules cannot be bundled; `ws` merely tries its two and goes on without. Fastify's schema compilers are never asked for
 * (`libs/serve/http/src/api-server.ts`), and would be a third of what the main thread has to read.
 */
const external = [
  'better-sqlite3',
  'bufferutil',
  'utf-8-validate',
  '@fastify/ajv-compiler',
  '@fastify/fast-json-stringify-compiler',
];

/**
 * Dependencies in CommonJS expect these three names, which an ES module has not. The lines stand on top of every output
 * file beside whatever was bundled into it, so they may use no global that a bundled module could shadow (`URL`).
 */
const commonJsNames = [
  `import { createRequire as __createRequire } from 'node:module';`,
  `const require = __createRequire(import.meta.url);`,
  `const __filename = import.meta.filename;`,
  `const __dirname = import.meta.dirname;`,
].join('');

/**
 * undici reads its `fetch` only for a body that is a form or a stream, which we never send: it would be a quarter of what a client
 * needs of it. It stays where it is installed.
 *
 * @type {import('esbuild').Plugin}
 */
const fetchStaysOut = {
  name: 'fetch-stays-out',
  setup(build) {
    build.onResolve({ filter: /^\.\.\/web\/fetch\/body\.js$/ }, ({ importer }) =>
      /[\\/]undici[\\/]lib[\\/]dispatcher[\\/]/.test(importer)
        ? { path: 'undici/lib/web/fetch/body.js', external: true }
        : undefined,
    );
  },
};

/** Inputs outside the module graph that change what comes out. */
const buildInputs = [
  'package-lock.json',
  'tsconfig.base.json',
  'tools/build.mjs',
  'tools/described-types.mjs',
  'tools/descriptions.mjs',
];

/** Chunks of an earlier bundle stay this long, since a running process may load them on first use. */
const OLD_CHUNKS_MS = 10 * 60_000;

/** Without a registry fields have no descriptions; all else is the same. */
async function describedTypes() {
  try {
    return await fetchDescribedTypes();
  } catch (error) {
    console.warn(`fields will have no descriptions: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
}

const exists = (/** @type {string} */ file) =>
  access(file).then(
    () => true,
    () => false,
  );

async function presentEntries() {
  /** @type {Record<string, string>} */
  const present = {};
  for (const [name, source] of Object.entries(entries))
    if (await exists(path.join(root, source))) present[name] = source;
  return present;
}

/** True when any source is newer than `dist`, has vanished, or when there is an entry that was not bundled. */
export async function isStale() {
  /** @type {{ entries: string[], inputs: string[], builtAtMs: number }} */
  let stamp;
  try {
    stamp = /** @type {typeof stamp} */ (JSON.parse(await readFile(stampFile, 'utf8')));
  } catch {
    return true; // Never built, or interrupted: the stamp is written last.
  }
  const present = Object.keys(await presentEntries());
  if (present.join() !== stamp.entries.join()) return true;
  for (const name of present) if (!(await exists(path.join(dist, `${name}.mjs`)))) return true;
  const fresh = await Promise.all(
    stamp.inputs.map((input) =>
      stat(path.join(root, input)).then(
        ({ mtimeMs }) => mtimeMs <= stamp.builtAtMs,
        () => false,
      ),
    ),
  );
  return fresh.includes(false);
}

/**
 * In a bundle with shared chunks, `import()` of a CommonJS package has a default export and nothing else, while Node and
 * the tests see named ones: code that passes its tests would fail in `dist`. A module of our own in between is right in
 * both.
 *
 * @param {import('esbuild').Metafile} metafile
 */
function refuseLazyCommonJs({ inputs }) {
  for (const [file, { imports }] of Object.entries(inputs)) {
    if (file.startsWith('node_modules/')) continue;
    for (const { kind, path: target, original } of imports)
      if (kind === 'dynamic-import' && inputs[target]?.format === 'cjs')
        throw new Error(
          `${file}: ${original ?? target} is CommonJS; import it in a module of its own, and load that with import()`,
        );
  }
}

/** Bundles everything into `dist`; the files appear one by one, each complete. */
export async function bundle() {
  const builtAtMs = Date.now();
  const entryPoints = await presentEntries();
  await mkdir(dist, { recursive: true });
  await writeDescriptions(dist, await describedTypes());
  /** @type {string[]} */
  let inputs = [];
  const written = new Set([path.basename(stampFile)]);
  if (Object.keys(entryPoints).length > 0) {
    const { build } = await import('esbuild');
    const result = await build({
      absWorkingDir: root,
      entryPoints,
      outdir: dist,
      tsconfig: 'tsconfig.base.json',
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      outExtension: { '.js': '.mjs' },
      chunkNames: '[name]-[hash]',
      // The ES form of a package where it has one: smaller, and `import()` of it has named exports as in Node.
      mainFields: ['module', 'main'],
      sourcemap: 'linked',
      legalComments: 'none',
      // Each thread reads and keeps the text of what it runs; names stay as they are, for stack traces.
      minifyWhitespace: true,
      minifySyntax: true,
      external,
      plugins: [fetchStaysOut],
      banner: { js: commonJsNames },
      logLevel: 'silent',
      metafile: true,
      write: false,
    });
    refuseLazyCommonJs(result.metafile);
    inputs = Object.keys(result.metafile.inputs).filter((input) => !input.startsWith('node_modules/'));
    for (const file of result.outputFiles) {
      const partial = `${file.path}.${String(process.pid)}.partial`;
      await writeFile(partial, file.contents);
      await rename(partial, file.path);
      written.add(path.basename(file.path));
    }
    if ('reckon' in entryPoints) await chmod(path.join(dist, 'reckon.mjs'), 0o755);
  }
  for (const name of await readdir(dist)) {
    if (written.has(name) || !/\.mjs(\.map|\.\d+\.partial)?$/.test(name)) continue;
    const file = path.join(dist, name);
    const { mtimeMs } = await stat(file);
    if (builtAtMs - mtimeMs > OLD_CHUNKS_MS) await rm(file, { force: true });
  }
  const stamp = { entries: Object.keys(entryPoints), inputs: [...buildInputs, ...inputs], builtAtMs };
  await writeFile(stampFile, JSON.stringify(stamp));
}

/** Makes sure that `dist` is as new as the sources. Returns whether there was anything to do. */
export async function bundleIfStale() {
  if (!(await isStale())) return false;
  await bundle();
  return true;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const started = performance.now();
  try {
    await bundle();
    console.log(`bundled into dist in ${(performance.now() - started).toFixed(0)} ms`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
