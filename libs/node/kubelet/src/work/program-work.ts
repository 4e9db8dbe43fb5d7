import { scriptWork } from './shell-script';
import type { Variables } from './shell-words';

/** How long a program runs by itself, and how it ends. */
export interface Work {
  /** Infinity: until it is told to end. */
  readonly durationMs: number;
  readonly exitCode: number;
}

const shells = new Set(['sh', 'bash', 'ash', 'dash', 'zsh']);

/** Subcommands of the image that Kubernetes' own tests run (test/images/agnhost) that serve until they are told to end. */
const agnhostServers = new Set(
  'dns-suffix fake-gitserver grpc-health-checking guestbook inclusterclient liveness net netexec nettest no-snat-test no-snat-test-proxy pause porter port-forward-tester sample-device-plugin serve-hostname test-webserver webhook'.split(
    ' ',
  ),
);

/** They say a word, make a file or ask somebody, and are done; whoever they ask is taken to answer. */
const endingPrograms = new Set(
  'chmod chown curl date dig echo env hostname id ls mkdir nslookup printf touch true uname wget whoami'.split(' '),
);

/** What a program and its arguments say of how long it runs and how it ends; undefined for one that nothing is known of. */
export function programWork(words: readonly string[], variables: Variables): Work | undefined {
  const [program = '', ...args] = words;
  const name = program.slice(program.lastIndexOf('/') + 1);
  if (shells.has(name)) return shellWork(args, variables);
  switch (name) {
    case 'sleep':
      return sleepWork(args);
    case 'false':
      return { durationMs: 0, exitCode: 1 };
    case 'pause':
      return forever;
    case 'tail':
      return args.some((a) => /^-\w*[fF]/.test(a)) ? forever : undefined;
    case 'agnhost':
      return agnhostServers.has(args[0] ?? '') ? forever : undefined;
    default:
      return endingPrograms.has(name) ? { durationMs: 0, exitCode: 0 } : undefined;
  }
}

const forever: Work = { durationMs: Infinity, exitCode: 0 };

/** `-c 'script'`, `-ec 'script'`; a shell that is to read a file or its input is not known. */
function shellWork(args: readonly string[], variables: Variables): Work | undefined {
  const at = args.findIndex((a) => /^-[a-z]*c$/.test(a));
  const script = args[at + 1];
  if (at === -1 || script === undefined) return undefined;
  return scriptWork(script, { variables, stopsOnError: args.slice(0, at + 1).some((a) => /^-[a-z]*e/.test(a)) });
}

const unitMs = { '': 1_000, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `sleep 1.5`, `sleep 1m 30s`, `sleep infinity`. */
function sleepWork(args: readonly string[]): Work | undefined {
  let durationMs = 0;
  for (const arg of args) {
    const [, count, unit = ''] = /^(\d+(?:\.\d*)?|\.\d+|inf|infinity)([smhd]?)$/.exec(arg) ?? [];
    if (count === undefined) return undefined;
    durationMs += count.startsWith('inf') ? Infinity : Number(count) * unitMs[unit as keyof typeof unitMs];
  }
  return args.length === 0 ? undefined : { durationMs, exitCode: 0 };
}
