import { type ProgramName, processTerminal, programs } from '@reckon/compose/programs';
import { Command } from 'commander';

/** `reckon apiserver`, `controller-manager`, `scheduler`, `kubelet`: each with upstream's flags, which it reads itself. */
export const programCommands = (): readonly Command[] =>
  (Object.keys(programs) as ProgramName[]).map((name) => {
    const { about, run } = programs[name];
    return (
      new Command(name)
        .description(about)
        .usage('[flags]')
        // Even -h is the program's own.
        .helpOption(false)
        .allowUnknownOption()
        .allowExcessArguments()
        .action(async (_, command: Command) => {
          await run(command.args, processTerminal(`reckon ${name}`));
        })
    );
  });
