export { furtherAuthenticationFlags } from './flags/authentication-flags';
export { FlagValueError } from './flags/flag';
export { whenAskedToStop } from './programs/asked-to-stop';
export { type ProgramName, programs } from './programs/program-table';
export { reportFailure } from './programs/report-failure';
export { OutputError, write, writeOutput } from './programs/standard-output';
export { processTerminal } from './programs/terminal';
