import type { CelNode, CelProblem } from '../syntax/cel-node';
import { celTypes, type CelType, isFree, shortTypeText } from './cel-type';

type Types = ReadonlyMap<CelNode, CelType>;

/** What `format` is given may be of many types, at any depth (`HomogeneousAggregateLiteralExemptFunctions`). */
const mixing = 'format';
const deepest = 1000;

/**
 * Lists and maps whose parts are of several types, in an expression that is right otherwise; what is dynamic is a type of
 * its own here (cel-go `ValidateHomogeneousAggregateLiterals`).
 */
export function mixtureProblems(node: CelNode, types: Types): CelProblem[] {
  const problems: CelProblem[] = [];
  go(node, types, problems, 0);
  return problems;
}

function go(node: CelNode, types: Types, problems: CelProblem[], depth: number): void {
  if (depth > deepest) return;
  const inside = (part: CelNode): void => go(part, types, problems, depth + 1);
  switch (node.kind) {
    case 'literal':
    case 'ident':
      break;
    case 'select':
      inside(node.operand);
      break;
    case 'call':
      if (node.name === mixing) return;
      if (node.target !== undefined) inside(node.target);
      node.arguments.forEach(inside);
      break;
    case 'list':
      listProblem(node.elements, types, problems);
      for (const { value } of node.elements) inside(value);
      break;
    case 'map':
      mapProblems(node.entries, types, problems);
      for (const { key, value } of node.entries) {
        inside(key);
        inside(value);
      }
      break;
    case 'message':
      for (const { value } of node.fields) inside(value);
  }
}

type Element = Extract<CelNode, { kind: 'list' }>['elements'][number];
type Entry = Extract<CelNode, { kind: 'map' }>['entries'][number];

const typeOf = (node: CelNode, isOptional: boolean, types: Types): CelType => {
  const type = types.get(node) ?? celTypes.dyn;
  return isOptional ? (type.parameters[0] ?? celTypes.dyn) : type;
};

/** The first that differs is enough. */
function listProblem(elements: readonly Element[], types: Types, problems: CelProblem[]): void {
  let before: CelType | undefined;
  for (const { value, isOptional } of elements) {
    const type = typeOf(value, isOptional, types);
    if (before !== undefined && !isLike(before, type)) {
      problems.push(mismatch(value, before, type));
      return;
    }
    before = moreOf(before, type);
  }
}

function mapProblems(entries: readonly Entry[], types: Types, problems: CelProblem[]): void {
  let keys: CelType | undefined;
  let values: CelType | undefined;
  for (const { key, value, isOptional } of entries) {
    const keyType = typeOf(key, false, types);
    const valueType = typeOf(value, isOptional, types);
    if (keys !== undefined && !isLike(keys, keyType)) problems.push(mismatch(key, keys, keyType));
    else keys = moreOf(keys, keyType);
    if (values !== undefined && !isLike(values, valueType)) problems.push(mismatch(value, values, valueType));
    else values = moreOf(values, valueType);
  }
}

const mismatch = ({ at }: CelNode, expected: CelType, found: CelType): CelProblem => ({
  at,
  message: `expected type '${shortTypeText(expected)}' but found '${shortTypeText(found)}'`,
});

/** What an empty list or map holds is settled by its neighbours. */
function isLike(a: CelType, b: CelType): boolean {
  if (isFree(a) || isFree(b)) return true;
  return (
    a.name === b.name &&
    a.parameters.length === b.parameters.length &&
    a.parameters.every((parameter, i) => isLike(parameter, b.parameters[i] ?? parameter))
  );
}

function moreOf(before: CelType | undefined, type: CelType): CelType {
  if (before === undefined || isFree(before)) return type;
  if (isFree(type) || before.parameters.length === 0) return before;
  return {
    name: before.name,
    parameters: before.parameters.map((part, i) => moreOf(part, type.parameters[i] ?? part)),
  };
}
