import { Command } from 'commander';
import { reportFailure } from './report-failure';

/** `reckon check`: proves that a data directory's log is sound, while no `up` runs on it. Exit code 1 names the first problems. */
export function checkCommand(): Command {
  return new Command('check')
    .description('prove that the event log of a data directory is sound')
    .option('--data-dir <folder>', 'data directory', '.reckon')
    .action(async (options: { dataDir: string }) => {
      const { checkDataDirectory } = await import('@reckon/compose');
      const report = await checkDataDirectory(options.dataDir);
      if (report.problems.length === 0) {
        console.log(`sound: ${String(report.entries)} entries, newest revision ${String(report.head)}`);
        return;
      }
      process.exitCode = 1;
      for (const { revision, problem } of report.problems)
        reportFailure(new Error(`${report.file}: revision ${String(revision)}: ${problem}`));
    });
}
