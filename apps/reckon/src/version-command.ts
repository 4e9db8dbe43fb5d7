import { write } from '@reckon/compose/programs';
import { Command } from 'commander';

/** `reckon version`: the Kubernetes version that this program answers for. */
export function versionCommand(): Command {
  return new Command('version').description('print the version').action(async () => {
    const { programVersion } = await import('@reckon/compose');
    await write(`${programVersion}\n`);
  });
}
