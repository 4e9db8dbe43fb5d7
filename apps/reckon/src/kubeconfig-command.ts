import { resolve } from 'node:path';
import { write } from '@reckon/compose/programs';
import { Command, InvalidArgumentError } from 'commander';

interface UserFlags {
  readonly cn: string;
  readonly group: readonly string[];
  readonly dataDir: string;
  readonly server?: string;
  readonly days: number;
  readonly out?: string;
  readonly force?: boolean;
}

/** `reckon kubeconfig user`: a kubeconfig for somebody else, on standard output or in a file that only its owner can read. */
export function kubeconfigCommand(): Command {
  const user = new Command('user')
    .description('write a kubeconfig with a new client certificate, signed by the CA of a data directory')
    .requiredOption('--cn <name>', 'name of the user')
    .option(
      '--group <name>',
      'a group of the user; may be repeated',
      (name: string, before: string[]) => [...before, name],
      [],
    )
    .option('--data-dir <folder>', 'data directory of the cluster', '.reckon')
    .option('--server <url>', 'address of the apiserver; default: as in the kubeconfig of the data directory')
    .option('--days <n>', 'how long the certificate is good', days, 365)
    .option('--out <file>', 'write to this file instead of standard output')
    .option('--force', 'overwrite the file of --out if it is there')
    .action(async ({ group: groups, out, force, ...options }: UserFlags) => {
      const { userKubeconfig, writeUserKubeconfig } = await import('@reckon/compose');
      const text = await userKubeconfig({ ...options, groups });
      if (out === undefined) {
        await write(text);
        return;
      }
      writeUserKubeconfig(out, text, { overwrites: force === true });
      await write(`export KUBECONFIG=${resolve(out)}\n`, `The kubeconfig is whole: ${resolve(out)}.`);
    });
  return new Command('kubeconfig').description('write kubeconfigs').addCommand(user);
}

function days(text: string): number {
  const n = Number(text);
  if (!/^\d+$/.test(text) || n < 1 || n > 36_500)
    throw new InvalidArgumentError('must be a whole number from 1 to 36500.');
  return n;
}
