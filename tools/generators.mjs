// `npm run update` regenerates every generated file; with `--check` it writes nothing and names those out of date.
import { spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');

/**
 * One row per generator: a TypeScript program that prints, as one JSON object, each file it makes (path from the root)
 * with its whole text. It must need nothing outside the repository and print the same for the same sources.
 *
 * @type {readonly { readonly name: string, readonly program: string }[]}
 */
const generators = [];

/**
 * @param {string} program
 * @returns {Record<string, string>}
 */
function run(program) {
  const tsx = path.join(root, 'node_modules/tsx/dist/cli.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [tsx, program], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (status !== 0) throw new Error(`${program} failed:\n${stderr.trim()}`);
  return /** @type {Record<string, string>} */ (JSON.parse(stdout));
}

const isCheck = process.argv.includes('--check');
for (const { name, program } of generators) {
  try {
    for (const [file, text] of Object.entries(run(program))) {
      const target = path.join(root, file);
      const present = await readFile(target, 'utf8').catch(() => undefined);
      if (present === text) continue;
      if (isCheck) {
        console.error(`${file} is out of date (${name}): npm run update`);
        process.exitCode = 1;
      } else {
        await mkdir(path.dirname(target), { recursive: true });
        await writeFile(target, text);
        console.log(`wrote ${file}`);
      }
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
