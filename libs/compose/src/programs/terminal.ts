/** The person who started a program. */
export interface Terminal {
  /** A line on standard output. */
  readonly say: (line: string) => void;
  /** A line on standard error. */
  readonly warn: (line: string) => void;
  /** The command as the person wrote it, for the help: `reckon apiserver`. */
  readonly command: string;
}

export const processTerminal = (command: string): Terminal => ({
  command,
  say: (line) => {
    process.stdout.write(`${line}\n`);
  },
  warn: (line) => {
    process.stderr.write(`${line}\n`);
  },
});
