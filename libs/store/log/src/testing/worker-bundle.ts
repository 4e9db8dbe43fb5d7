import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';

interface BundledWorkers {
  readonly writer: string;
  readonly reader: string;
  /** The child process of the crash suite. */
  readonly crashChild: string;
}

const root = path.resolve(import.meta.dirname, '../../../../..');
const here = path.resolve(import.meta.dirname, '..');
const entries = {
  writer: path.join(here, 'worker/writer.entry.ts'),
  reader: path.join(here, 'worker/reader.entry.ts'),
  'crash-child': path.join(here, 'testing/crash-child.entry.ts'),
};

/**
 * The threads' scripts as this source has them, bundled into the temporary folder: tests of the log do not depend on `dist/`.
 * Bundled again only when what comes out differs; safe to call from several test processes at once.
 */
async function bundleWorkers(): Promise<BundledWorkers> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: entries,
    outdir: path.join(tmpdir(), 'unused'),
    tsconfig: 'tsconfig.base.json',
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    outExtension: { '.js': '.mjs' },
    sourcemap: 'inline',
    // Dependencies in CommonJS expect it, as in dist/.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    write: false,
    logLevel: 'silent',
    // Native; found by its absolute path, since nothing is installed near the temporary folder.
    plugins: [
      {
        name: 'driver-by-path',
        setup(bundler) {
          bundler.onResolve({ filter: /^better-sqlite3$/ }, () => ({
            path: createRequire(import.meta.url).resolve('better-sqlite3'),
            external: true,
          }));
        },
      },
    ],
  });
  const hash = createHash('sha256');
  for (const file of outputFiles) hash.update(file.contents);
  const folder = path.join(tmpdir(), `reckon-log-workers-${hash.digest('hex').slice(0, 16)}`);
  if (!existsSync(folder)) {
    const partial = `${folder}.${String(process.pid)}`;
    mkdirSync(partial, { recursive: true });
    for (const file of outputFiles) writeFileSync(path.join(partial, path.basename(file.path)), file.contents);
    try {
      renameSync(partial, folder);
    } catch (error) {
      // Another process was first; its bundle is the same.
      if (!existsSync(folder)) throw error;
      rmSync(partial, { recursive: true });
    }
  }
  return {
    writer: path.join(folder, 'writer.mjs'),
    reader: path.join(folder, 'reader.mjs'),
    crashChild: path.join(folder, 'crash-child.mjs'),
  };
}

export const workers = await bundleWorkers();
