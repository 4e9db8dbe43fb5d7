// `npm test`: fetches the real clients, bundles, runs every test, and ends with one line `N passed, N failed`.
// Arguments go to vitest: `npm test -- libs/kernel`.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { bundleIfStale } from './build.mjs';
import { fetchClients } from './clients.mjs';
import { ensureSystemPrograms } from './system-programs.mjs';
import { countTests, summaryLine } from './summary.mjs';

const root = path.resolve(import.meta.dirname, '..');
const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');

/** What must be there before the tests; a failure is counted like a test's and the tests run all the same. */
const preparations = [
  { name: 'fetch kubectl and helm', run: fetchClients },
  { name: 'install nats-server, curl and openssl', run: ensureSystemPrograms },
  { name: 'bundle', run: bundleIfStale },
];

let failed = 0;
for (const { name, run } of preparations) {
  try {
    await run();
  } catch (error) {
    failed += 1;
    console.error(`${name}: ${error instanceof Error ? error.message : String(error)}\n`);
  }
}

const scratch = await mkdtemp(path.join(os.tmpdir(), 'reckon-test-'));
const reportFile = path.join(scratch, 'report.json');
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
/** @type {number} */
const exitCode = await new Promise((resolve) => {
  const child = spawn(process.execPath, [vitest, 'run', ...reporters, ...process.argv.slice(2)], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, NX_DAEMON: 'false' },
  });
  child.once('error', () => resolve(1));
  child.once('close', (code) => resolve(code ?? 1));
});

/** @type {unknown} */
const report = await readFile(reportFile, 'utf8').then(JSON.parse, () => undefined);
await rm(scratch, { recursive: true, force: true });
const counts = countTests(report, { hasFailed: exitCode !== 0 });
failed += counts.failed;
console.log(summaryLine({ passed: counts.passed, failed }));
process.exitCode = failed === 0 ? 0 : 1;
