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
  noOverload,
  typeNameOf,
  ValueList,
  ValueMap,
} from '../value/cel-value';
import type { CelCall, CelFunction, CelFunctionTable, CelRun, CelStep } from './cel-run';
import { compileMacro } from './compile-macro';
import { indexOptional, indexValue, selectField, selectOptionalField, shownValue } from './select-value';

export type Of<Kind extends CelNode['kind']> = Extract<CelNode, { kind: Kind }>;

/** What parts of an expression are compiled with. */
export interface CompileContext {
  readonly environment: CelEnvironment;
  readonly functions: CelFunctionTable;
  readonly types: ReadonlyMap<CelNode, CelType>;
  /** Variables of the comprehensions around the part: their places are those of `CelRun.locals`. */
  readonly locals: readonly string[];
}

/** What making a list, a map or an object is charged (cel-go common, `…CreateBaseCost`). */
const listCost = 10;
const mapCost = 30;
const objectCost = 40;

/** Makes a closure of each part of a checked expression. */
export function compileNode(node: CelNode, context: CompileContext): CelStep {
  switch (node.kind) {
    case 'literal': {
      const { value } = node;
      return () => value;
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

function compileName(name: string, { environment, locals }: CompileContext): CelStep {
  const place = locals.lastIndexOf(name);
  if (place >= 0)
    return (run) => {
      run.meter.charge(1);
      return run.locals[place] ?? null;
    };
  const type = environment.variables.get(name);
  if (type?.name === 'type') {
    const value = new CelTypeValue(type.parameters[0]?.name ?? 'type');
    return () => value;
  }
  return (run) => {
    run.meter.charge(1);
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
  return (run) => {
    const value = operand(run);
    run.meter.charge(1);
    return select(value, field, run.meter);
  };
}

function compileCall(node: Of<'call'>, context: CompileContext): CelStep {
  const { name, target, arguments: list } = node;
  const steps = list.map((argument) => compileNode(argument, context));
  if (target === undefined)
    return compileFunction(name.replace(/^\./, ''), steps, ownFunction(node, list, context), context);
  const prefix = qualifiedName(target);
  if (prefix !== undefined && context.environment.functions.has(`${prefix}.${name}`))
    return compileFunction(`${prefix}.${name}`, steps, undefined, context);
  const own = ownFunction(node, [target, ...list], context);
  return compileFunction(name, [compileNode(target, context), ...steps], own, context);
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
    case '_[_]':
    case '_[?_]': {
      const index = name === '_[_]' ? indexValue : indexOptional;
      return (run) => {
        const value = a(run);
        if (value instanceof CelError) return value;
        const key = b(run);
        run.meter.charge(1);
        return key instanceof CelError ? key : index(value, key, run.meter);
      };
    }
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
    run.meter.charge(1);
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
