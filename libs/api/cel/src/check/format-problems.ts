import { formatProblem, misfitOf } from '../library/format-text';
import type { CelNode, CelProblem } from '../syntax/cel-node';
import { celTypes, type CelType, dataTypes } from './cel-type';
import { visitCel } from './cel-validators';

type Types = ReadonlyMap<CelNode, CelType>;

/** Texts that are given a list to show, both written there: does each clause fit its value? (cel-go ext `stringFormatValidator`) */
export function formatProblems(node: CelNode, types: Types): CelProblem[] {
  const problems: CelProblem[] = [];
  visitCel(node, (part) => {
    if (part.kind !== 'call' || part.name !== 'format' || part.target?.kind !== 'literal') return;
    const [list] = part.arguments;
    const { value: text } = part.target;
    if (list?.kind !== 'list' || typeof text !== 'string') return;
    const { elements } = list;
    let odd: CelNode | undefined;
    const found = formatProblem(text, elements.length, (clause, index) => {
      const value = elements[index]?.value;
      odd = value === undefined ? undefined : misfit(clause, value, types);
      return odd === undefined ? undefined : misfitOf(clause, (types.get(odd) ?? celTypes.dyn).name);
    });
    if (found.problem !== undefined)
      problems.push({ at: (found.index === undefined ? undefined : odd)?.at ?? part.at, message: found.problem });
    else if (elements.length > found.taken)
      problems.push({
        at: part.at,
        message: `too many arguments supplied to string.format (expected ${String(found.taken)}, got ${String(elements.length)})`,
      });
  });
  return problems;
}

const shown: Readonly<Record<string, ReadonlySet<string>>> = {
  d: new Set(['int', 'uint']),
  f: new Set(['double', 'string']),
  e: new Set(['double', 'string']),
  b: new Set(['int', 'uint', 'bool']),
  o: new Set(['int', 'uint']),
  x: new Set(['int', 'uint', 'string', 'bytes']),
  X: new Set(['int', 'uint', 'string', 'bytes']),
  s: new Set([...dataTypes, 'type']),
};

/** The part that a clause cannot show: the value, or for `%s` what is in it. */
function misfit(clause: string, value: CelNode, types: Types): CelNode | undefined {
  const { name } = types.get(value) ?? celTypes.dyn;
  if (name !== 'dyn' && name !== '?' && shown[clause]?.has(name) !== true) return value;
  if (clause !== 's') return undefined;
  const parts =
    value.kind === 'list'
      ? value.elements.map((element) => element.value)
      : value.kind === 'map'
        ? value.entries.flatMap((entry) => [entry.key, entry.value])
        : [];
  for (const part of parts) {
    const found = misfit(clause, part, types);
    if (found !== undefined) return found;
  }
  return undefined;
}
