import { reportFailure } from './report-failure';
import { OutputError, writeOutput } from './standard-output';

/** The person who started a program. */
export interface Terminal {
  /** A line on standard output. Where it cannot be written the program goes on; it is told once, and by the exit code. */
  readonly say: (line: string) => void;
  /** A line on standard error. */
  readonly warn: (line: string) => void;
  /** The command as the person wrote it, for the help: `reckon apiserver`. */
  readonly command: string;
}

export function processTerminal(command: string): Terminal {
  let isToldOfFailure = false;
  const warn = (line: string): void => {
    process.stderr.write(`${line}\n`);
  };
  return {
    command,
    say(line) {
      writeOutput(`${line}\n`, (cause) => {
        if (cause === undefined || cause.code === 'EPIPE' || isToldOfFailure) return;
        isToldOfFailure = true;
        process.exitCode = 1;
        reportFailure(new OutputError(cause), { warn });
      });
    },
    warn,
  };
}
