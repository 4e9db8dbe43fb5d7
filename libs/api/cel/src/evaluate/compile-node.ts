import type { CelEnvironment } from '../check/cel-environment';
import { isMacro } from '../check/cel-macros';
import { qualifiedName } from '../check/qualified-name';
import type { CelType } from '../check/cel-type';
import { sumFunction } from '../library/lists';
import { patternFunction } from '../library/patterns';
import type { CelNode } from '../syntax/cel-node';
import {
  CelError,
  CelOptional,
  CelTypeValue,
  type CelValue,
  none,
  noOverload,
  typeNameOf,
  ValueList,
  ValueMap,
} from '../value/cel-value';
import {
  type CelCall,
  type CelFunction,
  type CelFunctionTable,
  type CelRun,
  type CelStep,
  constantStep,
} from './cel-run';
import { compileMacro } from './compile-macro';
import { foldConversion, foldLiteral, membershipStep } from './fold-constants';
import { indexOptional, indexValue, selectField, selectOptionalField, shownValue } from './select-value';

export type Of<Kind extends CelNode['kind']> = Extract<CelNode, { kind: Kind }>;

/** What parts of an expression are compiled with. */
export interface CompileContext {
  readonly environment: CelEnvironment;
  readonly functions: CelFunctionTable;
  readonly types: ReadonlyMap<CelNode, CelType>;
  /** Variables of the comprehensions around the part: their places are those of `CelRun.locals`. */
  readonly locals: readonly string[];
  /** The part is a branch of a condition, where reading a name costs nothing (interpreter `conditionalAttribute`). */
  readonly isBranch?: boolean;
}

/** What making a list, a map or an object is charged (cel-go common, `…CreateBaseCost`). */
const listCost = 10;
const mapCost = 30;
const objectCost = 40;

/** Makes a closure of each part of a checked expression. */
export function compileNode(node: CelNode, context: CompileContext): CelStep {
  switch (node.kind) {
    case 'literal': {
      return constantStep(node.value);
    }
    case 'ident':
      return compileName(node.name.replace(/^\./, ''), context);
    case 'select':
      return compileSelect(node, context);
    case 'call':
      return isMacro(node, context.environment) ? compileMacro(node, context, compileNode) : compileCall(node, context);
    case 'list':
      return compileList(node, context);
    case 'map':
      return compileMap(node, context);
    case 'message':
      return compileMessage(node, context);
  }
}

function compileName(name: string, { environment, locals, isBranch = false }: CompileContext): CelStep {
  const place = locals.lastIndexOf(name);
  const cost = isBranch ? 0 : 1;
  if (place >= 0)
    return (run) => {
      run.meter.charge(cost);
      return run.locals[place] ?? null;
    };
  const type = environment.variables.get(name);
  if (type?.name === 'type') {
    return constantStep(new CelTypeValue(type.parameters[0]?.name ?? 'type'));
  }
  return (run) => {
    run.meter.charge(cost);
    return run.variable(name);
  };
}

function compileSelect(node: Of<'select'>, context: CompileContext): CelStep {
  const { field, isOptional } = node;
  const name = isOptional ? undefined : qualifiedName(node);
  if (
    name !== undefined &&
    !context.locals.includes(name.split('.')[0] ?? '') &&
    context.environment.variables.has(name)
  )
    return compileName(name, context);
  const operand = compileNode(node.operand, context);
  const select = isOptional ? selectOptionalField : selectField;
  const cost = selectCost(node.operand, context);
  return (run) => {
    const value = operand(run);
    run.meter.charge(cost - 1);
    const found = select(value, field, run.meter);
    // An optional field that is not there costs nothing.
    if (found !== none) run.meter.charge(1);
    return found;
  };
}

/** What is no name, and no part of one, is made one first (cel-go interpreter `relativeAttr`). */
export function selectCost(operand: CelNode, { environment }: CompileContext): 1 | 2 {
  if (operand.kind === 'ident' || operand.kind === 'select') return 1;
  const isPart = operand.kind === 'call' && (operand.name === '_[_]' || operand.name === '_[?_]');
  return isPart && !isMacro(operand, environment) ? 1 : 2;
}

/** A name and fields of it. */
function isPath(node: CelNode): boolean {
  let at = node;
  while (at.kind === 'select' && !at.isOptional) at = at.operand;
  return at.kind === 'ident';
}

function compileCall(node: Of<'call'>, context: CompileContext): CelStep {
  const { name, target, arguments: list } = node;
  const steps = list.map((argument, i) =>
    compileNode(argument, name === '_?_:_' && i > 0 && isPath(argument) ? { ...context, isBranch: true } : context),
  );
  if (target === undefined) {
    const folded = compileFolded(node, steps, context);
    if (folded !== undefined) return folded;
    const step = compileFunction(name.replace(/^\./, ''), steps, ownFunction(node, list, context), context);
    return foldConversion(name, steps, step);
  }
  const prefix = qualifiedName(target);
  if (prefix !== undefined && context.environment.functions.has(`${prefix}.${name}`))
    return compileFunction(`${prefix}.${name}`, steps, undefined, context);
  const own = ownFunction(node, [target, ...list], context);
  return compileFunction(name, [compileNode(target, context), ...steps], own, context);
}

/** Calls whose parts say how they are made: one in a list that never changes, one of a place in what is no name. */
function compileFolded(
  { name, arguments: list }: Of<'call'>,
  [a, b]: readonly CelStep[],
  context: CompileContext,
): CelStep | undefined {
  const [first, second] = list;
  if (first === undefined || second === undefined || a === undefined || b === undefined) return undefined;
  if (name === '@in' && context.types.get(second)?.name === 'list') return membershipStep(a, b);
  if (name !== '_[_]' && name !== '_[?_]') return undefined;
  const index = name === '_[_]' ? indexValue : indexOptional;
  const cost = selectCost(first, context);
  return (run) => {
    const value = a(run);
    if (value instanceof CelError) return value;
    const key = b(run);
    run.meter.charge(cost - 1);
    const found = key instanceof CelError ? key : index(value, key, run.meter);
    if (found !== none) run.meter.charge(1);
    return found;
  };
}

/** What a call can be prepared for: a pattern that is written there, the type of what is added up. */
function ownFunction(
  { name }: Of<'call'>,
  [first, second]: readonly CelNode[],
  { types }: CompileContext,
): CelFunction | undefined {
  if (name === 'sum' && first !== undefined) return sumFunction(types.get(first)?.parameters[0]);
  return patternFunction(
    name,
    second?.kind === 'literal' && typeof second.value === 'string' ? second.value : undefined,
  );
}

const missing: CelStep = () => noOverload;

function compileFunction(
  name: string,
  steps: readonly CelStep[],
  own: CelFunction | undefined,
  { functions }: CompileContext,
): CelStep {
  const [a = missing, b = missing, c = missing] = steps;
  switch (name) {
    case '_&&_':
      return compileJunction(a, b, false);
    case '_||_':
      return compileJunction(a, b, true);
    case '_?_:_':
      return (run) => {
        const condition = a(run);
        if (typeof condition !== 'boolean') return condition instanceof CelError ? condition : noOverload;
        return condition ? b(run) : c(run);
      };
    case 'or':
    case 'orValue':
      return compileOr(a, b, name);
    default:
      return compileStrict(name, steps, own ?? (Object.hasOwn(functions, name) ? functions[name] : undefined));
  }
}

/** Errors of one side do not count when the other decides. */
function compileJunction(a: CelStep, b: CelStep, decides: boolean): CelStep {
  return (run) => {
    const left = a(run);
    if (left === decides) return decides;
    const right = b(run);
    if (right === decides) return decides;
    if (typeof left === 'boolean' && typeof right === 'boolean') return !decides;
    if (left instanceof CelError) return left;
    return right instanceof CelError ? right : noOverload;
  };
}

/** The alternative is looked at only when there is no value. */
function compileOr(a: CelStep, b: CelStep, name: 'or' | 'orValue'): CelStep {
  return (run) => {
    const optional = a(run);
    if (!(optional instanceof CelOptional)) return optional instanceof CelError ? optional : noOverload;
    if (optional.value === undefined) return b(run);
    return name === 'or' ? optional : optional.value;
  };
}

function compileStrict(name: string, steps: readonly CelStep[], found: CelFunction | CelCall | undefined): CelStep {
  const { run: call, cost }: CelFunction =
    typeof found === 'function' ? { run: found } : (found ?? { run: () => undefined });
  const finish = (values: readonly CelValue[], run: CelRun): CelValue => {
    run.meter.charge(cost?.(values) ?? 1);
    const result = call(values, run.meter);
    if (result !== undefined) return result;
    return new CelError(`no such overload: ${name}(${values.map(typeNameOf).join(', ')})`);
  };
  return (run) => {
    const values: CelValue[] = [];
    for (const step of steps) {
      const value = step(run);
      if (value instanceof CelError) return value;
      values.push(value);
    }
    return finish(values, run);
  };
}

function compileList({ elements }: Of<'list'>, context: CompileContext): CelStep {
  const steps = elements.map(({ value, isOptional }) => ({ step: compileNode(value, context), isOptional }));
  const make = listStep(steps);
  return foldLiteral(
    steps.map(({ step }) => step),
    make,
  );
}

function listStep(steps: readonly { readonly step: CelStep; readonly isOptional: boolean }[]): CelStep {
  return (run) => {
    const values: CelValue[] = [];
    for (const { step, isOptional } of steps) {
      const value = step(run);
      if (value instanceof CelError) return value;
      if (!isOptional) values.push(value);
      else if (!(value instanceof CelOptional))
        return new CelError(`cannot initialize optional list element from non-optional value ${shownValue(value)}`);
      else if (value.value !== undefined) values.push(value.value);
    }
    run.meter.charge(listCost);
    return new ValueList(values);
  };
}

function compileMap({ entries }: Of<'map'>, context: CompileContext): CelStep {
  const steps = entries.map(({ key, value, isOptional }) => ({
    key: compileNode(key, context),
    value: compileNode(value, context),
    isOptional,
  }));
  return foldLiteral(
    steps.flatMap(({ key, value }) => [key, value]),
    mapStep(steps),
  );
}

interface EntryStep {
  readonly key: CelStep;
  readonly value: CelStep;
  readonly isOptional: boolean;
}

function mapStep(steps: readonly EntryStep[]): CelStep {
  return (run) => {
    const map = new ValueMap();
    for (const step of steps) {
      const key = step.key(run);
      if (key instanceof CelError) return key;
      const value = entryValue(key, step.value(run), step.isOptional);
      if (value instanceof CelError) return value;
      if (value !== undefined && !map.set(key, value)) return new CelError(`unsupported key type: ${typeNameOf(key)}`);
    }
    run.meter.charge(mapCost);
    return map;
  };
}

/** Undefined: the entry is not there. */
function entryValue(key: CelValue, value: CelValue, isOptional: boolean): CelValue | undefined {
  if (!isOptional || value instanceof CelError) return value;
  if (value instanceof CelOptional) return value.value;
  return new CelError(
    `cannot initialize optional entry '${shownValue(key)}' from non-optional value ${shownValue(value)}`,
  );
}

function compileMessage({ name, fields }: Of<'message'>, context: CompileContext): CelStep {
  const typeName = name.replace(/^\./, '');
  const steps = fields.map((field) => ({ ...field, step: compileNode(field.value, context) }));
  return (run) => {
    const object = new ValueMap(typeName);
    for (const field of steps) {
      const value = entryValue(field.name, field.step(run), field.isOptional);
      if (value instanceof CelError) return value;
      if (value !== undefined) object.set(field.name, value);
    }
    run.meter.charge(objectCost);
    return object;
  };
}
