import type { Flag } from './flag';
import type { FlagSections, FlagTable } from './flag-table';
import { idleNames } from './parse-flags';

const textColumn = 8;
const lineWidth = 120;

/** What `-h` prints: the flags by section as upstream groups them, then what is taken without effect. */
export function flagHelp<S extends FlagSections>(table: FlagTable<S>, command: string): string {
  const sections = Object.entries(table.sections).map(([title, flags]) => {
    const lines = Object.entries(flags)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([name, flag]) => [headline(name, flag), ...wrapped(flag.help, textColumn)]);
    const idle = table.idle.filter(({ section }) => section === title);
    const refused = (table.refused ?? []).filter(({ section }) => section === title);
    return [`${title} flags:`, '', ...lines, ...idle.flatMap(idleLines), ...refused.flatMap(refusedLines)].join('\n');
  });
  const rest = table.idle.filter(({ section }) => !Object.hasOwn(table.sections, section));
  for (const one of rest) sections.push([`${one.section} flags:`, '', ...idleLines(one)].join('\n'));
  return [`${table.about}\n`, `Usage:\n  ${command} [flags]\n`, `${sections.join('\n\n')}\n`].join('\n');
}

function headline(name: string, flag: Flag<unknown>): string {
  const short = flag.shorthand === undefined ? '    ' : `-${flag.shorthand}, `;
  const value = flag.placeholder === '' ? '' : ` ${flag.placeholder}`;
  const initial = flag.initialText === undefined ? '' : ` (default ${flag.initialText})`;
  return `  ${short}--${name}${value}${initial}`;
}

function idleLines({ names, because }: FlagTable['idle'][number]): readonly string[] {
  const listed = idleNames(names).map(({ name }) => `--${name}`);
  const intro = because === undefined ? 'Taken without effect:' : `Taken without effect (${because}):`;
  return [`      ${intro}`, ...wrapped(listed.join(' '), textColumn)];
}

function refusedLines({ names, because, hint }: NonNullable<FlagTable['refused']>[number]): readonly string[] {
  const listed = idleNames(names).map(({ name }) => `--${name}`);
  return [`      Refused (${because}; ${hint}):`, ...wrapped(listed.join(' '), textColumn)];
}

function wrapped(words: string, indent: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of words.split(' ')) {
    if (line !== '' && indent + line.length + 1 + word.length > lineWidth) {
      lines.push(' '.repeat(indent) + line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, ' '.repeat(indent) + line];
}
