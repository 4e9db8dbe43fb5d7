// `npm start`: a whole cluster from a fresh clone. Until the install has run this file may use nothing but Node.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { isInstalled } from './installed.mjs';

const root = path.resolve(import.meta.dirname, '..');
const program = path.join(root, 'dist/reckon.mjs');

const fail = (/** @type {string} */ message) => {
  console.error(message);
  process.exit(1);
};

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) fail(`Reckon needs Node 20.19 or newer; this is ${process.version}.`);

if (!isInstalled()) {
  console.log('installing dependencies (npm ci) …');
  const { status, error } = spawnSync('npm', ['ci', '--no-progress'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) fail(`npm ci failed${error === undefined ? '' : `: ${error.message}`}; the lines above say why.`);
}

try {
  const { bundleIfStale } = await import('./build.mjs');
  await bundleIfStale();
} catch (error) {
  fail(`the bundle failed:\n${error instanceof Error ? error.message : String(error)}`);
}
if (!existsSync(program)) fail('dist/reckon.mjs was not built: apps/reckon/src/main.ts is missing.');

// In this process, so that signals and the exit code are the program's own.
process.argv = [process.execPath, program, 'up', ...process.argv.slice(2)];
await import(pathToFileURL(program).href);
