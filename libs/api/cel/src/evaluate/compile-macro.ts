import { isBind } from '../check/cel-macros';
import { variableCount } from '../cost/macro-steps';
import type { CelNode } from '../syntax/cel-node';
import {
  CelError,
  CelOptional,
  type CelValue,
  isCelMap,
  noOverload,
  none,
  ValueList,
  ValueMap,
} from '../value/cel-value';
import type { CelRun, CelStep } from './cel-run';
import type { CompileContext, Of } from './compile-node';
import { hasField, shownValue } from './select-value';

type Compile = (node: CelNode, context: CompileContext) => CelStep;

/** What a round of each comprehension costs beside its own parts: the calls and names that cel-go expands it to. */
const quantifierCost = 3;
const countCost = 1;
const gatherCost = 12;
const insertCost = 2;

/** A call of a macro, which the parser knows to be one. */
export function compileMacro(call: Of<'call'>, context: CompileContext, compile: Compile): CelStep {
  const { name, target, arguments: list } = call;
  if (target === undefined) return compileHas(list[0], context, compile);
  if (isBind(call)) return compileBind(call, context, compile);
  if (name === 'optMap' || name === 'optFlatMap') return compileOverOptional(call, target, context, compile);
  const range = compile(target, context);
  const count = variableCount(name, list.length);
  const names = list.slice(0, count).map((node) => (node.kind === 'ident' ? node.name : ''));
  const inner = { ...context, locals: [...context.locals, ...names] };
  const bodies = list.slice(count).map((node) => compile(node, inner));
  const place = context.locals.length;
  return comprehensions[name]?.({ range, bodies, place, count }) ?? (() => noOverload);
}

function compileHas(argument: CelNode | undefined, context: CompileContext, compile: Compile): CelStep {
  if (argument?.kind !== 'select') return () => noOverload;
  const { field } = argument;
  const operand = compile(argument.operand, context);
  return (run) => hasField(operand(run), field, run.meter);
}

function compileBind({ arguments: list }: Of<'call'>, context: CompileContext, compile: Compile): CelStep {
  const [variable, bound, body] = list;
  if (variable?.kind !== 'ident' || bound === undefined || body === undefined) return () => noOverload;
  const value = compile(bound, context);
  const result = compile(body, { ...context, locals: [...context.locals, variable.name] });
  const place = context.locals.length;
  return (run) => {
    // An error is bound too: it is one only for who uses the name.
    run.locals[place] = value(run);
    return result(run);
  };
}

function compileOverOptional(
  { name, arguments: list }: Of<'call'>,
  target: CelNode,
  context: CompileContext,
  compile: Compile,
): CelStep {
  const [variable, body] = list;
  if (variable?.kind !== 'ident' || body === undefined) return () => noOverload;
  const optional = compile(target, context);
  const made = compile(body, { ...context, locals: [...context.locals, variable.name] });
  const place = context.locals.length;
  return (run) => {
    const value = optional(run);
    if (!(value instanceof CelOptional)) return value instanceof CelError ? value : noOverload;
    run.meter.charge(2);
    if (value.value === undefined) return none;
    run.locals[place] = value.value;
    const result = made(run);
    return name === 'optFlatMap' || result instanceof CelError ? result : new CelOptional(result);
  };
}

interface Comprehension {
  readonly range: CelStep;
  /** The last makes or decides; one before it chooses. */
  readonly bodies: readonly CelStep[];
  /** Of its first variable among the locals. */
  readonly place: number;
  /** Of variables: one takes elements or keys, two take places and elements or keys and values. */
  readonly count: number;
}

const goTypeNames: Readonly<Record<string, string>> = {
  boolean: 'types.Bool',
  string: 'types.String',
  bigint: 'types.Int',
  number: 'types.Double',
};

/** Calls `visit` for each element, with the variables set, until it returns something. */
function goThrough(
  { range, place, count }: Comprehension,
  run: CelRun,
  visit: (key: CelValue) => CelValue | undefined,
): CelValue | undefined {
  const over = range(run);
  const { locals } = run;
  if (typeof over === 'object' && over?.kind === 'list') {
    for (let i = 0; i < over.size; i++) {
      const key = BigInt(i);
      locals[place] = count === 1 ? over.at(i) : key;
      if (count === 2) locals[place + 1] = over.at(i);
      const found = visit(key);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (isCelMap(over)) {
    for (const key of over.keys()) {
      locals[place] = key;
      if (count === 2) locals[place + 1] = over.find(key, run.meter) ?? null;
      const found = visit(key);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (over instanceof CelError) return over;
  return new CelError(
    `got '${over === null ? 'types.Null' : (goTypeNames[typeof over] ?? 'types.Val')}', expected iterable type`,
  );
}

const first: CelStep = () => noOverload;

/** `all` and `exists`: an error on the way does not count when a later element decides. */
const quantifier =
  (decides: boolean) =>
  (parts: Comprehension): CelStep => {
    const [condition = first] = parts.bodies;
    return (run) => {
      let error: CelError | undefined;
      const found = goThrough(parts, run, () => {
        run.meter.charge(quantifierCost);
        const value = condition(run);
        if (value === decides) return decides;
        if (typeof value !== 'boolean') error ??= value instanceof CelError ? value : noOverload;
        return undefined;
      });
      return found ?? error ?? !decides;
    };
  };

function countOne(parts: Comprehension): CelStep {
  const [condition = first] = parts.bodies;
  return (run) => {
    let times = 0;
    const found = goThrough(parts, run, () => {
      run.meter.charge(countCost);
      const value = condition(run);
      if (typeof value !== 'boolean') return value instanceof CelError ? value : noOverload;
      if (value) times++;
      return undefined;
    });
    return found ?? times === 1;
  };
}

/** Whether an element is taken, when there is something to choose by. */
function isChosen(choice: CelStep | undefined, run: CelRun): boolean | CelError {
  if (choice === undefined) return true;
  const value = choice(run);
  if (typeof value === 'boolean') return value;
  return value instanceof CelError ? value : noOverload;
}

function gather(parts: Comprehension, choice: CelStep | undefined, make: CelStep): CelStep {
  return (run) => {
    const values: CelValue[] = [];
    const found = goThrough(parts, run, () => {
      const chosen = isChosen(choice, run);
      if (chosen instanceof CelError) return chosen;
      run.meter.charge(chosen ? gatherCost : 1);
      if (!chosen) return undefined;
      const value = make(run);
      if (value instanceof CelError) return value;
      values.push(value);
      return undefined;
    });
    return found ?? new ValueList(values);
  };
}

const makeList = (parts: Comprehension): CelStep =>
  gather(parts, parts.bodies.length > 1 ? parts.bodies[0] : undefined, parts.bodies.at(-1) ?? first);

const filter = (parts: Comprehension): CelStep =>
  gather(parts, parts.bodies[0], (run) => run.locals[parts.place] ?? null);

function insert(map: ValueMap, key: CelValue, value: CelValue): CelError | undefined {
  if (map.find(key) !== undefined) return new CelError(`insert failed: key ${shownValue(key)} already exists`);
  return map.set(key, value) ? undefined : noOverload;
}

function gatherMap(
  parts: Comprehension,
  add: (map: ValueMap, key: CelValue, made: CelValue, run: CelRun) => CelError | undefined,
): CelStep {
  const choice = parts.bodies.length > 1 ? parts.bodies[0] : undefined;
  const make = parts.bodies.at(-1) ?? first;
  return (run) => {
    const map = new ValueMap();
    const found = goThrough(parts, run, (key) => {
      const chosen = isChosen(choice, run);
      if (chosen instanceof CelError) return chosen;
      run.meter.charge(insertCost);
      if (!chosen) return undefined;
      const made = make(run);
      return made instanceof CelError ? made : add(map, key, made, run);
    });
    return found ?? map;
  };
}

const makeMap = (parts: Comprehension): CelStep => gatherMap(parts, (map, key, made) => insert(map, key, made));

const makeEntries = (parts: Comprehension): CelStep =>
  gatherMap(parts, (map, _, made, run) => {
    if (!isCelMap(made)) return noOverload;
    for (const key of made.keys()) {
      run.meter.charge(1);
      const error = insert(map, key, made.find(key, run.meter) ?? null);
      if (error !== undefined) return error;
    }
    return undefined;
  });

const comprehensions: Readonly<Record<string, (parts: Comprehension) => CelStep>> = {
  all: quantifier(false),
  exists: quantifier(true),
  existsOne: countOne,
  exists_one: countOne,
  filter,
  map: makeList,
  transformList: makeList,
  transformMap: makeMap,
  transformMapEntry: makeEntries,
};
