import { write } from '@reckon/compose/programs';
import { Command } from 'commander';
import { reportFailure } from './report-failure';

/** `reckon check`: proves that a data directory's log is sound, while no `up` runs on it. Exit code 1 names the first problems. */
export function checkCommand(): Command {
  return new Command('check')
    .description('prove that the event log of a data directory is sound')
    .option('--data-dir <folder>', 'data directory', '.reckon')
    .option('--encryption-provider-config <file>', 'keys by which the contents of what is encrypted are proved too')
    .action(async (options: { dataDir: string; encryptionProviderConfig?: string }) => {
      const { checkDataDirectory } = await import('@reckon/compose');
      const report = await checkDataDirectory(options.dataDir, options.encryptionProviderConfig);
      for (const { key, entries } of report.unread ?? [])
        await write(`not read: ${String(entries)} entries encrypted with ${key} (give --encryption-provider-config)\n`);
      if (report.problems.length === 0) {
        await write(`sound: ${String(report.entries)} entries, newest revision ${String(report.head)}\n`);
        return;
      }
      process.exitCode = 1;
      for (const { revision, problem } of report.problems)
        reportFailure(new Error(`${report.file}: ${revision === 0 ? '' : `revision ${String(revision)}: `}${problem}`));
    });
}
