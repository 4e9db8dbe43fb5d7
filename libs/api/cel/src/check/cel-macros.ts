import type { CelNode } from '../syntax/cel-node';
import { celTypes, type CelType, isDyn, listOf, mapOf, optionalOf, shortTypeText } from './cel-type';

type Call = Extract<CelNode, { kind: 'call' }>;
type Locals = readonly (readonly [name: string, type: CelType])[];

/** What decides which macros there are. */
export interface MacroOptions {
  readonly hasBind?: boolean;
}

/** The part of the checker that macros use. */
interface MacroChecker {
  check(node: CelNode, locals: Locals): CelType;
  refuse(at: number, message: string): CelType;
  mismatch(at: number, expected: CelType, found: CelType): CelType;
  noOverload(at: number, name: string, types: readonly CelType[]): CelType;
  /** Of a method of that name, of these types, the receiver's first. */
  method(call: Call, name: string, types: readonly CelType[]): CelType;
}

type Macro = (checker: MacroChecker, locals: Locals) => CelType;

/** Problems of how a macro is written, which are those of the syntax: they are found before any type is. */
export function macroProblem(call: Call, options: MacroOptions): { at: number; message: string } | undefined {
  const found = macroOf(call, options);
  if (found === undefined) return undefined;
  if (call.name === 'has' && call.target === undefined) {
    const [argument] = call.arguments;
    return argument?.kind === 'select'
      ? undefined
      : { at: argument?.at ?? call.at, message: 'invalid argument to has() macro' };
  }
  if (call.name === 'sortBy' && call.target !== undefined && !isSortable(call.target)) {
    const message = 'sortBy can only be applied to a list, identifier, comprehension, call or select expression';
    return { at: call.target.at, message };
  }
  return variableProblem(call, call.arguments.slice(0, found.variables));
}

const isSortable = ({ kind }: CelNode): boolean => !['literal', 'map', 'message'].includes(kind);

/** What cel-go says of what is no name, by macro. */
const oddVariables: Readonly<Record<string, string>> = {
  bind: 'cel.bind() variable names must be simple identifiers',
  filter: 'argument is not an identifier',
  map: 'argument is not an identifier',
  optFlatMap: 'optFlatMap() variable name must be a simple identifier',
  optMap: 'optMap() variable name must be a simple identifier',
  sortBy: 'argument is not an identifier',
};

function variableProblem({ name }: Call, variables: readonly CelNode[]): { at: number; message: string } | undefined {
  const odd = variables.find(({ kind }) => kind !== 'ident');
  if (odd !== undefined) return { at: odd.at, message: oddVariables[name] ?? 'argument must be a simple name' };
  const [first, second] = variables.map((node) => (node.kind === 'ident' ? node.name : ''));
  if (second !== undefined && first === second)
    return { at: variables[1]?.at ?? 0, message: `duplicate variable name: ${second}` };
  if (name === 'bind' || name.startsWith('opt')) return undefined;
  const accumulator = variables.find((node) => node.kind === 'ident' && accumulators.has(node.name));
  if (accumulator === undefined) return undefined;
  return { at: accumulator.at, message: 'iteration variable overwrites accumulator variable' };
}

const accumulators: ReadonlySet<string> = new Set(['__result__', '@result']);

/** What a call comes to when it is one of a macro (cel-go parser `AllMacros`, ext `TwoVarComprehensions`, optional types). */
export function celMacro(call: Call, options: MacroOptions): Macro | undefined {
  const found = macroOf(call, options);
  return found === undefined ? undefined : (checker, locals) => found.expand(call, checker, locals);
}

interface Definition {
  readonly name: string;
  readonly isMember: boolean;
  readonly arguments: number;
  /** How many of the arguments name variables. */
  readonly variables: number;
  expand(call: Call, checker: MacroChecker, locals: Locals): CelType;
}

function macroOf(call: Call, { hasBind = false }: MacroOptions): Definition | undefined {
  const { name, target, arguments: list } = call;
  if (hasBind && isBind(call)) return bind;
  return definitions.find(
    (macro) => macro.name === name && macro.isMember === (target !== undefined) && macro.arguments === list.length,
  );
}

/** Whether a call is one of a macro: those are neither called nor are their names variables. */
export const isMacro = (call: Call, options: MacroOptions): boolean => macroOf(call, options) !== undefined;

/** `cel.bind(name, value, expression)`. */
export const isBind = ({ name, target, arguments: list }: Call): boolean =>
  name === 'bind' && target?.kind === 'ident' && target.name === 'cel' && list.length === 3;

/** A name for a value (cel-go ext `Bindings`). */
const bind: Definition = {
  name: 'bind',
  isMember: true,
  arguments: 3,
  variables: 1,
  expand: ({ arguments: [variable, value, result] }, checker, locals) => {
    if (value === undefined || result === undefined) return celTypes.dyn;
    const type = checker.check(value, locals);
    return checker.check(result, [...locals, [variable?.kind === 'ident' ? variable.name : '', type]]);
  },
};

/** A list in the order of what is made of its elements (cel-go ext `sortByMacro`). */
const sortBy: Definition = {
  name: 'sortBy',
  isMember: true,
  arguments: 2,
  variables: 1,
  expand: (call, checker, locals) => {
    const [variable, key] = call.arguments;
    if (call.target === undefined || key === undefined) return celTypes.dyn;
    const list = checker.check(call.target, locals);
    const [element = celTypes.dyn] = variablesOf(list, 1) ?? [noRange(checker, call.target, list)];
    const name = variable?.kind === 'ident' ? variable.name : '';
    const keys = listOf(checker.check(key, [...locals, [name, element]]));
    return checker.method(call, '@sortByAssociatedKeys', [list, keys]);
  },
};

const noRange = (checker: MacroChecker, { at }: CelNode, type: CelType): CelType =>
  checker.refuse(
    at,
    `expression of type '${shortTypeText(type)}' cannot be range of a comprehension (must be list, map, or dynamic)`,
  );

type Body = (parts: {
  readonly call: Call;
  readonly checker: MacroChecker;
  readonly range: CelType;
  readonly variables: readonly CelType[];
  /** Of the arguments after the names. */
  readonly types: readonly CelType[];
}) => CelType;

function comprehension(name: string, variables: number, bodies: number, body: Body): Definition {
  return {
    name,
    isMember: true,
    arguments: variables + bodies,
    variables,
    expand: (call, checker, locals) => {
      const { target } = call;
      if (target === undefined) return celTypes.dyn;
      const range = checker.check(target, locals);
      const own = variablesOf(range, variables) ?? [noRange(checker, target, range), celTypes.dyn];
      const names = call.arguments
        .slice(0, variables)
        .map((argument) => (argument.kind === 'ident' ? argument.name : ''));
      const inner = [...locals, ...names.map((variable, i) => [variable, own[i] ?? celTypes.dyn] as const)];
      const types = call.arguments.slice(variables).map((argument) => checker.check(argument, inner));
      return body({ call, checker, range, variables: own, types });
    },
  };
}

/** What the variables over a range are: of one, elements or keys; of two, places and elements, or keys and values. */
function variablesOf({ name, parameters, ...rest }: CelType, count: number): readonly CelType[] | undefined {
  // cel-go takes `any` for dynamic everywhere but here: `dyn(claims.groups).map(…)`.
  if (name === celTypes.any.name) return undefined;
  if (isDyn({ name, parameters, ...rest })) return [celTypes.dyn, celTypes.dyn];
  const [first = celTypes.dyn, second = celTypes.dyn] = parameters;
  if (name === 'list') return count === 1 ? [first] : [celTypes.int, first];
  return name === 'map' ? [first, second] : undefined;
}

const isBool = (type: CelType | undefined): boolean => type === undefined || isDyn(type) || type.name === 'bool';

/** A condition that is joined to those before it. */
const quantifier: Body = ({ call, checker, types }) => {
  const [condition = celTypes.bool] = types;
  if (!isBool(condition)) checker.mismatch(call.arguments.at(-1)?.at ?? call.at, celTypes.bool, condition);
  return celTypes.bool;
};

/** A condition that chooses between two results of one type. */
function choose(checker: MacroChecker, call: Call, condition: CelType | undefined, result: CelType): void {
  if (condition !== undefined && !isBool(condition)) checker.noOverload(call.at, '_?_:_', [condition, result, result]);
}

const countOne: Body = ({ call, checker, types }) => {
  choose(checker, call, types[0], celTypes.int);
  return celTypes.bool;
};

/** The last argument makes the elements; one before it chooses. */
const makeList: Body = ({ call, checker, types }) => {
  const result = listOf(types.at(-1) ?? celTypes.dyn);
  if (types.length > 1) choose(checker, call, types[0], result);
  return result;
};

const makeMap: Body = ({ call, checker, types, variables }) => {
  const result = mapOf(variables[0] ?? celTypes.dyn, types.at(-1) ?? celTypes.dyn);
  if (types.length > 1) choose(checker, call, types[0], result);
  return result;
};

const makeEntries: Body = ({ call, checker, types }) => {
  const entry = types.at(-1) ?? celTypes.dyn;
  const result = entry.name === 'map' ? entry : mapOf(celTypes.dyn, celTypes.dyn);
  if (types.length > 1) choose(checker, call, types[0], result);
  return result;
};

const keepSome: Body = ({ call, checker, types, variables }) => {
  const result = listOf(variables[0] ?? celTypes.dyn);
  choose(checker, call, types[0], result);
  return result;
};

/** What is made of the value of an optional one, if it has one. */
function overOptional(name: string, wrap: (type: CelType) => CelType): Definition {
  return {
    name,
    isMember: true,
    arguments: 2,
    variables: 1,
    expand: (call, checker, locals) => {
      const [variable, made] = call.arguments;
      if (call.target === undefined || made === undefined) return celTypes.dyn;
      const target = checker.check(call.target, locals);
      // A name stands twice in what the macro expands to.
      if (call.target.kind === 'ident') checker.check(call.target, locals);
      if (!isDyn(target) && target.name !== 'optional_type')
        return checker.refuse(
          call.at,
          `found no matching overload for 'hasValue' applied to '${shortTypeText(target)}.()'`,
        );
      const value = target.parameters[0] ?? celTypes.dyn;
      return wrap(checker.check(made, [...locals, [variable?.kind === 'ident' ? variable.name : '', value]]));
    },
  };
}

const definitions: readonly Definition[] = [
  {
    name: 'has',
    isMember: false,
    arguments: 1,
    variables: 0,
    expand: (call, checker, locals) => {
      const [argument] = call.arguments;
      if (argument !== undefined) checker.check(argument, locals);
      return celTypes.bool;
    },
  },
  ...[1, 2].flatMap((variables) => [
    comprehension('all', variables, 1, quantifier),
    comprehension('exists', variables, 1, quantifier),
    comprehension('exists_one', variables, 1, countOne),
  ]),
  comprehension('existsOne', 2, 1, countOne),
  comprehension('filter', 1, 1, keepSome),
  ...[1, 2].flatMap((bodies) => [
    comprehension('map', 1, bodies, makeList),
    comprehension('transformList', 2, bodies, makeList),
    comprehension('transformMap', 2, bodies, makeMap),
    comprehension('transformMapEntry', 2, bodies, makeEntries),
  ]),
  sortBy,
  overOptional('optMap', optionalOf),
  overOptional('optFlatMap', (type) => type),
];
