import { isBind } from '../check/cel-macros';
import { variableCount } from '../cost/macro-steps';
import { sortByKeys, sortCost } from '../library/list-extension';
import type { CelNode } from '../syntax/cel-node';
import {
  CelError,
  CelOptional,
  type CelValue,
  isCelList,
  isCelMap,
  noOverload,
  none,
  ValueList,
  ValueMap,
} from '../value/cel-value';
import type { CelRun, CelStep } from './cel-run';
import { type CompileContext, type Of, selectCost } from './compile-node';
import { hasField, shownValue } from './select-value';

type Compile = (node: CelNode, context: CompileContext) => CelStep;

/** What comprehensions cost beside their own parts: the calls and names that cel-go expands them to. */
const allCost = 2;
const existsCost = 3;
const joinCost = 1;
const countCost = 2;
const gatherCost = 12;
const insertCost = 2;
/** Of what cel-go counts for nothing. */
const entryCost = 0.1;
/** The result is read by its name in the end. */
const resultCost = 1;
/** What sorts is named twice. */
const sortNamesCost = 2;

/** A call of a macro, which the parser knows to be one. */
export function compileMacro(call: Of<'call'>, context: CompileContext, compile: Compile): CelStep {
  const { name, target, arguments: list } = call;
  if (target === undefined) return compileHas(list[0], context, compile);
  if (isBind(call)) return compileBind(call, context, compile);
  if (name === 'sortBy') return compileSortBy(call, target, context, compile);
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
  const made = selectCost(argument.operand, context) - 1;
  return (run) => {
    const value = operand(run);
    run.meter.charge(made);
    return hasField(value, field, run.meter);
  };
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
  const isNamed = target.kind === 'ident';
  const made = compile(body, { ...context, locals: [...context.locals, variable.name] });
  const place = context.locals.length;
  return (run) => {
    const value = optional(run);
    if (!(value instanceof CelOptional)) return value instanceof CelError ? value : noOverload;
    // Named, where it is no name, and asked whether it has a value; named again and asked for it.
    run.meter.charge(isNamed ? 1 : 2);
    if (value.value === undefined) {
      run.meter.charge(1);
      return none;
    }
    run.meter.charge(2);
    run.locals[place] = value.value;
    const result = made(run);
    if (name === 'optFlatMap' || result instanceof CelError) return result;
    run.meter.charge(1);
    return new CelOptional(result);
  };
}

/** The list stands beside the element while the keys are made, as `map` would make them. */
function compileSortBy(
  { arguments: list }: Of<'call'>,
  target: CelNode,
  context: CompileContext,
  compile: Compile,
): CelStep {
  const [variable, key] = list;
  if (variable?.kind !== 'ident' || key === undefined) return () => noOverload;
  const sorted = compile(target, context);
  const place = context.locals.length;
  const made = compile(key, { ...context, locals: [...context.locals, '', variable.name] });
  const range: CelStep = (run) => run.locals[place] ?? null;
  const keysOf = gather({ range, bodies: [made], place: place + 1, count: 1 }, undefined, made);
  return (run) => {
    const over = sorted(run);
    if (over instanceof CelError) return over;
    run.locals[place] = over;
    run.meter.charge(sortNamesCost);
    const keys = keysOf(run);
    if (!isCelList(over) || !isCelList(keys)) return keys instanceof CelError ? keys : noOverload;
    run.meter.charge(sortCost(keys));
    return sortByKeys(over, keys);
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

/** `all` and `exists`: an error on the way does not count when a later element decides; the next is looked at before it ends. */
const quantifier =
  (decides: boolean, roundCost: number) =>
  (parts: Comprehension): CelStep => {
    const [condition = first] = parts.bodies;
    return (run) => {
      let isDecided = false;
      let error: CelError | undefined;
      const found = goThrough(parts, run, () => {
        run.meter.charge(roundCost);
        if (isDecided) return decides;
        run.meter.charge(joinCost);
        const value = condition(run);
        if (value === decides) isDecided = true;
        else if (typeof value !== 'boolean') error ??= value instanceof CelError ? value : noOverload;
        return undefined;
      });
      run.meter.charge(resultCost);
      return found ?? (isDecided ? decides : (error ?? !decides));
    };
  };

function countOne(parts: Comprehension): CelStep {
  const [condition = first] = parts.bodies;
  return (run) => {
    let times = 0;
    const found = goThrough(parts, run, () => {
      const value = condition(run);
      if (typeof value !== 'boolean') return value instanceof CelError ? value : noOverload;
      if (!value) return undefined;
      run.meter.charge(countCost);
      times++;
      return undefined;
    });
    run.meter.charge(resultCost + 1);
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
      if (!chosen) return undefined;
      run.meter.charge(gatherCost);
      const value = make(run);
      if (value instanceof CelError) return value;
      values.push(value);
      return undefined;
    });
    run.meter.charge(resultCost);
    return found ?? new ValueList(values);
  };
}

const makeList = (parts: Comprehension): CelStep =>
  gather(parts, parts.bodies.length > 1 ? parts.bodies[0] : undefined, parts.bodies.at(-1) ?? first);

const filter = (parts: Comprehension): CelStep =>
  gather(parts, parts.bodies[0], (run) => {
    run.meter.charge(1);
    return run.locals[parts.place] ?? null;
  });

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
      if (!chosen) return undefined;
      run.meter.charge(insertCost);
      const made = make(run);
      return made instanceof CelError ? made : add(map, key, made, run);
    });
    run.meter.charge(resultCost);
    return found ?? map;
  };
}

const makeMap = (parts: Comprehension): CelStep =>
  gatherMap(parts, (map, key, made, run) => {
    run.meter.charge(1);
    return insert(map, key, made);
  });

const makeEntries = (parts: Comprehension): CelStep =>
  gatherMap(parts, (map, _, made, run) => {
    if (!isCelMap(made)) return noOverload;
    for (const key of made.keys()) {
      run.meter.charge(entryCost);
      const error = insert(map, key, made.find(key, run.meter) ?? null);
      if (error !== undefined) return error;
    }
    return undefined;
  });

const comprehensions: Readonly<Record<string, (parts: Comprehension) => CelStep>> = {
  all: quantifier(false, allCost),
  exists: quantifier(true, existsCost),
  existsOne: countOne,
  exists_one: countOne,
  filter,
  map: makeList,
  transformList: makeList,
  transformMap: makeMap,
  transformMapEntry: makeEntries,
};
