import { OutputError, writeOutput } from '@reckon/compose/programs';
import { reportFailure } from './report-failure';

/** Writes help, after which commander ends the process: what failed must be known at once, and ends it with this code. */
export const helpOutput =
  (failure: number) =>
  (text: string): void => {
    writeOutput(text, () => undefined);
    const cause: NodeJS.ErrnoException | null = process.stdout.errored;
    if (cause === null || cause.code === 'EPIPE') return;
    reportFailure(new OutputError(cause));
    process.exit(failure);
  };
