import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** Systems put it where not every user's PATH leads. */
const folders = [
  ...(process.env['PATH'] ?? '').split(path.delimiter),
  '/usr/sbin',
  '/usr/local/sbin',
  '/usr/local/bin',
  '/opt/homebrew/bin',
];

/**
 * The real nats-server, against which the relay is tested; no npm package has it.
 *
 * @returns {string | undefined}
 */
const findNatsServer = () => folders.map((folder) => path.join(folder, 'nats-server')).find((file) => existsSync(file));

/**
 * Finds nats-server, or installs it from the system's packages where that can be done without asking.
 *
 * @returns {Promise<string>}
 */
export async function ensureNatsServer() {
  const found = findNatsServer();
  if (found !== undefined) return found;
  for (const [command, args] of installCommands()) {
    const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8' });
    if (status !== 0)
      throw new Error(`${[command, ...args].join(' ')} failed: ${error?.message ?? stderr.trim()}. ${advice}`);
  }
  const installed = findNatsServer();
  if (installed === undefined) throw new Error(advice);
  return installed;
}

const advice =
  "Install your system's package nats-server (Debian and Ubuntu: apt-get install nats-server; macOS: brew install nats-server).";

/**
 * Debian's way, as root or where sudo asks no password.
 *
 * @returns {[command: string, args: string[]][]}
 */
function installCommands() {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/apt-get')) return [];
  const apt = (/** @type {string[]} */ ...args) => ['DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq', ...args];
  const isRoot = process.getuid?.() === 0;
  const [command, ...first] = isRoot ? ['env'] : ['sudo', '-n', 'env'];
  return [
    [command ?? 'env', [...first, ...apt('update')]],
    [command ?? 'env', [...first, ...apt('install', '-y', '--no-install-recommends', 'nats-server')]],
  ];
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    console.log(await ensureNatsServer());
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
