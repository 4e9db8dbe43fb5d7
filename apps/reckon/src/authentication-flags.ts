import { FlagValueError, furtherAuthenticationFlags } from '@reckon/compose/programs';
import { type Command, InvalidArgumentError, Option } from 'commander';

/** What of them was given, by upstream's names; the others are at their defaults. */
export type GivenAuthenticationFlags = Readonly<Record<string, unknown>>;

const optionOf = (command: Command, name: string): Option | undefined =>
  command.options.find((option) => option.long === `--${name}`);

/** The flags of `reckon apiserver` for ways to authenticate, as options of a command: read in the same way. */
export function addAuthenticationFlags(command: Command): Command {
  for (const [name, flag] of Object.entries(furtherAuthenticationFlags)) {
    const { help, initialText, isBoolean, placeholder } = flag;
    const text = initialText === undefined ? help : `${help} (default: ${initialText})`;
    const option = new Option(isBoolean ? `--${name} [boolean]` : `--${name} <${placeholder}>`, text);
    if (isBoolean) option.preset('true');
    // Without a default of commander's, so that what comes before is what was given before.
    option.argParser<unknown>((given, before) => {
      try {
        return flag.read(given, before as never);
      } catch (error) {
        throw error instanceof FlagValueError ? new InvalidArgumentError(`${error.message}.`) : error;
      }
    });
    command.addOption(option);
  }
  return command;
}

export function givenAuthenticationFlags(command: Command): GivenAuthenticationFlags {
  const values: Readonly<Record<string, unknown>> = command.opts();
  const pairs = Object.keys(furtherAuthenticationFlags).flatMap((name) => {
    const value = values[optionOf(command, name)?.attributeName() ?? ''];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(pairs);
}
