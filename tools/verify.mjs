// `npm run verify`: everything that checks. All steps run, two at a time; failures are listed at the end.
// `npm run verify -- lint types` runs only those.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { summaryLine } from './summary.mjs';

const root = path.resolve(import.meta.dirname, '..');
const bin = (/** @type {string} */ file) => path.join(root, 'node_modules', file);

/** The slow ones first, so that the two lanes end together. */
const steps = [
  { name: 'lint', command: [bin('nx/dist/bin/nx.js'), 'run', 'workspace:lint', '--outputStyle=stream'] },
  { name: 'types', command: [bin('typescript/bin/tsc'), '--noEmit', '-p', 'tsconfig.json'] },
  { name: 'format', command: [bin('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.'] },
  { name: 'dead code', command: [bin('knip/bin/knip.js'), '--no-progress'] },
  { name: 'generated', command: ['tools/generators.mjs', '--check'] },
  { name: 'docs', command: ['tools/docs/check.mjs'] },
];

/**
 * @param {readonly string[]} command
 * @returns {Promise<{ isGood: boolean, output: string }>}
 */
const run = (command) =>
  new Promise((resolve) => {
    let output = '';
    const child = spawn(process.execPath, command, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        NX_DAEMON: 'false',
        NX_NO_CLOUD: 'true',
        NX_TUI: 'false',
        FORCE_COLOR: '0',
        NO_COLOR: '1',
      },
    });
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (/** @type {string} */ text) => (output += text));
    child.once('error', (error) => resolve({ isGood: false, output: error.message }));
    child.once('close', (code) => resolve({ isGood: code === 0, output: output.trim() }));
  });

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !steps.some((step) => step.name === name));
if (unknown.length > 0) {
  console.error(`no step ${unknown.join(', ')}; there are: ${steps.map(({ name }) => name).join(', ')}`);
  process.exit(1);
}

const queue = steps.filter(({ name }) => asked.length === 0 || asked.includes(name));
const total = queue.length;
/** @type {string[]} */
const failures = [];
const lane = async () => {
  for (let step = queue.shift(); step !== undefined; step = queue.shift()) {
    const started = performance.now();
    const { isGood, output } = await run(step.command);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`${isGood ? 'ok  ' : 'FAIL'} ${step.name} (${seconds} s)`);
    if (!isGood) {
      failures.push(step.name);
      console.log(`${output}\n`);
    }
  }
};
await Promise.all([lane(), lane()]);
if (failures.length > 0) console.log(`\nfailed: ${failures.join(', ')}`);
console.log(summaryLine({ passed: total - failures.length, failed: failures.length }));
process.exitCode = failures.length === 0 ? 0 : 1;
