// `npm run update` makes the generated files anew from the packages of a Kubernetes version that tools/clients.mjs and
// tools/client-models.mjs name, and writes down the digests of what came out. What no package publishes (how apply merges lists, the
// bootstrap RBAC policy) stays as it is, or comes from a folder: `npm run update -- <facts>`. `--check` (a step of `npm run verify`) needs
// none of them: it names generated files that were edited by hand, added or lost.
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const digestFile = path.join(root, 'tools/generated.sha256');

/**
 * One row per generator: the program, the part of the facts it takes, whether it runs without them, and the folders that hold nothing but
 * what it writes.
 */
const generators = [
  {
    program: 'tools/kinds/generate.mts',
    facts: 'schema',
    alone: true,
    writes: [
      'libs/api/types/src/generated',
      'libs/api/kinds/src/generated',
      'libs/control/controllers/src/template-hash/generated',
    ],
  },
  { program: 'tools/rbac/generate.mts', facts: 'rbac', alone: false, writes: ['libs/serve/authz/src/generated'] },
];

/** `<digest>  <file>` of every generated file, as `sha256sum` prints them. */
async function digests() {
  /** @type {string[]} */
  const lines = [];
  for (const folder of generators.flatMap(({ writes }) => writes))
    for (const name of await readdir(path.join(root, folder))) {
      const text = await readFile(path.join(root, folder, name));
      lines.push(`${createHash('sha256').update(text).digest('hex')}  ${folder}/${name}\n`);
    }
  return lines.sort().join('');
}

async function check() {
  const [now, then] = await Promise.all([digests(), readFile(digestFile, 'utf8').catch(() => '')]);
  const known = new Set(then.split('\n'));
  const present = new Set(now.split('\n'));
  for (const line of [...present].filter((l) => !known.has(l)))
    console.error(`${line.slice(66)} is not as its generator wrote it: npm run update -- <facts>`);
  for (const line of [...known].filter((l) => !present.has(l)))
    console.error(`${line.slice(66)} was generated and has changed or gone`);
  if (now !== then) process.exitCode = 1;
}

/** @param {string | undefined} facts */
async function update(facts) {
  const tsx = path.join(root, 'node_modules/tsx/dist/cli.mjs');
  for (const { program, facts: part, alone } of generators) {
    if (facts === undefined && !alone) continue;
    const folder = facts === undefined ? [] : [path.join(facts, part)];
    const { status } = spawnSync(process.execPath, [tsx, program, ...folder], { cwd: root, stdio: 'inherit' });
    if (status !== 0) throw new Error(`${program} failed`);
  }
  await writeFile(digestFile, await digests());
  console.log('generated files are written; read the diff');
}

const [argument] = process.argv.slice(2);
try {
  if (argument === '--check') await check();
  else await update(argument === undefined ? undefined : path.resolve(argument));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
