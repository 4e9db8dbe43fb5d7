import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Real programs that tests run and no npm package has; packages of systems have the same names. The relay is tested
 * against nats-server, the walkthroughs use curl as their guides do, and openssl makes certificate requests and looks
 * at handshakes.
 */
const names = ['nats-server', 'curl', 'openssl'];

/** Systems put them where not every user's PATH leads. */
const folders = [
  ...(process.env['PATH'] ?? '').split(path.delimiter),
  '/usr/sbin',
  '/usr/local/sbin',
  '/usr/local/bin',
  '/opt/homebrew/bin',
];

/**
 * @param {string} name
 * @returns {string | undefined}
 */
const find = (name) => folders.map((folder) => path.join(folder, name)).find((file) => existsSync(file));

const missing = () => names.filter((name) => find(name) === undefined);

/** Installs what is missing from the system's packages where that can be done without asking; throws where it cannot. */
export async function ensureSystemPrograms() {
  const wanted = missing();
  if (wanted.length === 0) return;
  for (const [command, args] of installCommands(wanted)) {
    const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8' });
    if (status !== 0)
      throw new Error(
        `${[command, ...args].join(' ')} failed: ${error?.message ?? stderr.trim()}. ${advice(missing())}`,
      );
  }
  if (missing().length > 0) throw new Error(advice(missing()));
}

/** @param {readonly string[]} wanted */
const advice = (wanted) =>
  `Install from your system's packages: ${wanted.join(', ')} (Debian and Ubuntu: apt-get install ${wanted.join(' ')}; macOS: brew install ${wanted.join(' ')}).`;

/**
 * Debian's way, as root or where sudo asks no password.
 *
 * @param {readonly string[]} wanted
 * @returns {[command: string, args: string[]][]}
 */
function installCommands(wanted) {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/apt-get')) return [];
  const apt = (/** @type {string[]} */ ...args) => ['DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq', ...args];
  const isRoot = process.getuid?.() === 0;
  const [command, ...first] = isRoot ? ['env'] : ['sudo', '-n', 'env'];
  return [
    [command ?? 'env', [...first, ...apt('update')]],
    [command ?? 'env', [...first, ...apt('install', '-y', '--no-install-recommends', ...wanted)]],
  ];
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    await ensureSystemPrograms();
    for (const name of names) console.log(find(name));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
