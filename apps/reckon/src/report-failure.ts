import { processTerminal, reportFailure as report } from '@reckon/compose/programs';

/** What a person reads when a command cannot go on: what, where, what to do next; never a stack trace. */
export const reportFailure = (error: unknown): void => {
  report(error, processTerminal('reckon'));
};
