import { celTypes, type CelType, typeParameter } from './cel-type';

export interface CelOverload {
  readonly isMember: boolean;
  /** The receiver of a member first. */
  readonly parameters: readonly CelType[];
  readonly result: CelType;
}

export type CelFunctions = ReadonlyMap<string, readonly CelOverload[]>;

/** Reads declarations, one a line. */
export const readFunctions = (lines: readonly string[]): CelFunctions => new Map(lines.map(readFunction));

function readFunction(line: string): [string, readonly CelOverload[]] {
  const space = line.indexOf(' ');
  return [
    line.slice(0, space),
    line
      .slice(space + 1)
      .split(' | ')
      .map(readOverload),
  ];
}

function readOverload(text: string): CelOverload {
  const space = text.lastIndexOf(') ');
  const open = text.search(/(?:^|\.)\(/);
  const receiver = text.slice(0, open);
  const isMember = text[open] === '.';
  const list = splitTypes(text.slice(open + (isMember ? 2 : 1), space));
  return {
    isMember,
    parameters: [...(isMember ? [receiver] : []), ...list].map(readType),
    result: readType(text.slice(space + 2)),
  };
}

/** At the commas that are in no parentheses. */
function splitTypes(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i <= text.length; i++) {
    if (text[i] === '(') depth++;
    else if (text[i] === ')') depth--;
    else if (i === text.length || (text[i] === ',' && depth === 0)) {
      if (i > start) parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  return parts;
}

function readType(text: string): CelType {
  const open = text.indexOf('(');
  if (open >= 0) return { name: text.slice(0, open), parameters: splitTypes(text.slice(open + 1, -1)).map(readType) };
  if (/^[A-Z]$/.test(text)) return typeParameter(text);
  return Object.hasOwn(celTypes, text) ? celTypes[text as keyof typeof celTypes] : { name: text, parameters: [] };
}
