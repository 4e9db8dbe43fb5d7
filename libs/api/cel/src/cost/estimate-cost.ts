import type { CelEnvironment } from '../check/cel-environment';
import { isBind, isMacro } from '../check/cel-macros';
import { celTypes, type CelType } from '../check/cel-type';
import { qualifiedName } from '../check/qualified-name';
import { sizeOf } from '../evaluate/call-cost';
import type { CelNode } from '../syntax/cel-node';
import { type Entry, type Estimate, plus, sizeOrUnlimited, times, type TypedEstimate, unite } from './estimate';
import { estimateCall, sortEstimate } from './estimate-call';
import { macroSteps, variableCount } from './macro-steps';
import type { SizedType } from './sized-type';

export type SizeOfName = (name: string) => SizedType | undefined;

export interface EstimateContext {
  readonly environment: CelEnvironment;
  readonly types: ReadonlyMap<CelNode, CelType>;
  /** What is known of the size of a variable; of a type too, which is a name like any other. */
  readonly sizeOf: SizeOfName;
}

const listCost = 10;
const mapCost = 30;
const objectCost = 40;

interface Local extends Omit<Estimate, 'cost'> {
  readonly name: string;
}
type Locals = readonly Local[];
type Of<Kind extends CelNode['kind']> = Extract<CelNode, { kind: Kind }>;

/** What an expression costs at most for any values that a schema allows (cel-go checker `Cost`). */
export const estimateCost = (node: CelNode, context: EstimateContext): number =>
  new CostEstimator(context).estimate(node, []).cost;

const scalars: ReadonlySet<string> = new Set(
  [celTypes.bool, celTypes.double, celTypes.duration, celTypes.int, celTypes.timestamp, celTypes.uint].map(
    ({ name }) => name,
  ),
);

class CostEstimator {
  constructor(private readonly context: EstimateContext) {}

  estimate(node: CelNode, locals: Locals): TypedEstimate {
    const type = this.context.types.get(node) ?? celTypes.dyn;
    const { size, ...found } = this.parts(node, locals);
    // What a schema says comes before what the type alone tells.
    const place = found.place?.maxElements;
    const bound = node.kind === 'ident' ? (place ?? scalarSize(type) ?? size) : (size ?? place ?? scalarSize(type));
    const isLiteral = node.kind === 'literal';
    const literal = isLiteral && typeof node.value === 'bigint' ? Number(node.value) : undefined;
    return { ...found, size: bound, type, isLiteral, literal };
  }

  private parts(node: CelNode, locals: Locals): Estimate {
    switch (node.kind) {
      case 'literal':
        return { cost: 0, size: typeof node.value === 'string' ? Array.from(node.value).length : sizeOf(node.value) };
      case 'ident':
        return this.name(node.name.replace(/^\./, ''), locals);
      case 'select':
        return this.select(node, locals);
      case 'call':
        return isMacro(node, this.context.environment) ? this.macro(node, locals) : this.call(node, locals);
      case 'list':
        return this.list(node, locals);
      case 'map':
        return this.map(node, locals);
      case 'message':
        return { cost: plus(objectCost, ...node.fields.map(({ value }) => this.estimate(value, locals).cost)) };
    }
  }

  private name(name: string, locals: Locals): Estimate {
    const local = locals.findLast((one) => one.name === name);
    if (local !== undefined) return { cost: 1, size: local.size, place: local.place, entry: local.entry };
    return { cost: 1, place: this.context.sizeOf(name) };
  }

  private select(node: Of<'select'>, locals: Locals): Estimate {
    const name = node.isOptional ? undefined : qualifiedName(node);
    if (name !== undefined && this.context.environment.variables.has(name)) return this.name(name, locals);
    const operand = this.estimate(node.operand, locals);
    if (node.isOptional) return { cost: plus(operand.cost, 1) };
    const { environment } = this.context;
    const hasFields = operand.type.name === 'map' || environment.fieldsOf(operand.type.name) !== undefined;
    return {
      cost: plus(operand.cost, hasFields ? 1 : 0),
      place: operand.place?.fields?.get(node.field) ?? operand.place?.anyField,
    };
  }

  private list({ elements }: Of<'list'>, locals: Locals): Estimate {
    const found = elements.map(({ value }) => this.estimate(value, locals));
    return {
      cost: plus(listCost, ...found.map(({ cost }) => cost)),
      size: elements.length,
      entry: { key: 1, value: Math.max(0, ...found.map(sizeOrUnlimited)) },
    };
  }

  private map({ entries }: Of<'map'>, locals: Locals): Estimate {
    const keys = entries.map(({ key }) => this.estimate(key, locals));
    const values = entries.map(({ value }) => this.estimate(value, locals));
    return {
      cost: plus(mapCost, ...[...keys, ...values].map(({ cost }) => cost)),
      size: entries.length,
      entry: { key: Math.max(0, ...keys.map(sizeOrUnlimited)), value: Math.max(0, ...values.map(sizeOrUnlimited)) },
    };
  }

  private call(node: Of<'call'>, locals: Locals): Estimate {
    const list = node.arguments.map((argument) => this.estimate(argument, locals));
    const [a, b, c] = list;
    const { target, name } = node;
    const prefix = target === undefined ? undefined : qualifiedName(target);
    const isNamespace = prefix !== undefined && this.context.environment.functions.has(`${prefix}.${name}`);
    if (target === undefined && a !== undefined && b !== undefined) {
      if (name === '_&&_' || name === '_||_') return { cost: plus(a.cost, b.cost), size: 1 };
      if (name === '_[_]') return indexed(a, b);
      if (name === '_?_:_' && c !== undefined)
        return {
          cost: plus(a.cost, Math.max(b.cost, c.cost)),
          size: Math.max(sizeOrUnlimited(b), sizeOrUnlimited(c)),
          entry: unite(b.entry, c.entry),
        };
    }
    if (name === 'dyn' && a !== undefined) return { cost: plus(a.cost, 1), size: a.size, entry: a.entry };
    const receiver = target === undefined || isNamespace ? undefined : this.estimate(target, locals);
    const call = estimateCall(isNamespace ? `${prefix}.${name}` : name, { target: receiver, arguments: list });
    return {
      cost: plus(call.cost, receiver?.cost ?? 0, ...list.map(({ cost }) => cost)),
      size: call.size,
      ...(name === '_+_' ? { entry: unite(a?.entry, b?.entry) } : {}),
    };
  }

  private macro(node: Of<'call'>, locals: Locals): Estimate {
    const { name, target, arguments: list } = node;
    const [first, second, third] = list;
    if (target === undefined) return { cost: first?.kind === 'select' ? this.estimate(first.operand, locals).cost : 0 };
    if (isBind(node) && second !== undefined && third !== undefined) {
      const value = this.estimate(second, locals);
      const result = this.estimate(third, [...locals, { ...value, name: nameOf(first) }]);
      return { ...result, cost: plus(listCost, value.cost, result.cost) };
    }
    if (name === 'optMap' || name === 'optFlatMap') {
      const optional = this.estimate(target, locals).cost;
      const made = second === undefined ? 0 : this.estimate(second, [...locals, { name: nameOf(first) }]).cost;
      // What is no name gets one, as `cel.bind` would give it; then it is named to be asked, and named to be taken.
      const named = target.kind === 'ident' ? 0 : plus(listCost, optional);
      return { cost: plus(named, 2, listCost, 2, made, name === 'optMap' ? 1 : 0) };
    }
    if (name === 'sortBy' && second !== undefined) return this.sorted(node, target, locals);
    return this.comprehension(node, target, locals);
  }

  /** A name for the list, the keys as `map` makes them, and what sorting by them costs (ext `sortByMacro`). */
  private sorted({ arguments: [variable, key] }: Of<'call'>, target: CelNode, locals: Locals): Estimate {
    const list = this.estimate(target, locals);
    const made = key === undefined ? 0 : this.keyCost(key, list, nameOf(variable), locals);
    const { once, each } = macroSteps('map', [made]);
    const rounds = sizeOrUnlimited(list);
    const keyType = key === undefined ? celTypes.dyn : (this.context.types.get(key) ?? celTypes.dyn);
    const sort = sortEstimate(rounds, keyType);
    return { cost: plus(listCost, list.cost, 2, once, times(rounds, each), sort.cost), size: sort.size };
  }

  private keyCost(key: CelNode, list: TypedEstimate, name: string, locals: Locals): number {
    return this.estimate(key, [...locals, ...variablesOver(list, [name])]).cost;
  }

  private comprehension({ name, arguments: list }: Of<'call'>, target: CelNode, locals: Locals): Estimate {
    const range = this.estimate(target, locals);
    const count = variableCount(name, list.length);
    const own = variablesOver(range, list.slice(0, count).map(nameOf));
    const bodies = list.slice(count).map((body) => this.estimate(body, [...locals, ...own]));
    const element = own.at(-1);
    const { once, each, makes } = macroSteps(
      name,
      bodies.map(({ cost }) => cost),
    );
    const rounds = sizeOrUnlimited(range);
    const made = name === 'filter' ? (element?.place?.maxElements ?? element?.size) : bodies.at(-1)?.size;
    const entry: Entry | undefined =
      makes === 'list' ? { key: 1, value: sizeOrUnlimited({ cost: 0, size: made }) } : undefined;
    return {
      cost: plus(range.cost, once, times(rounds, each)),
      size: makes === 'value' ? 1 : rounds,
      entry,
    };
  }
}

const scalarSize = ({ name }: CelType): number | undefined => (scalars.has(name) ? 1 : undefined);
const nameOf = (node: CelNode | undefined): string => (node?.kind === 'ident' ? node.name : '');

const indexed = (container: TypedEstimate, index: TypedEstimate): Estimate => ({
  cost: plus(container.cost, index.cost, 1),
  size: container.entry?.value,
  place: container.place?.element,
});

/** Of a list its elements; of a map its keys, or its keys and values. */
function variablesOver({ type, place, entry }: TypedEstimate, names: readonly string[]): Locals {
  const [first = '', second] = names;
  const value = { place: place?.element, size: entry?.value };
  if (second !== undefined)
    return [
      { name: first, place: place?.key, size: entry?.key },
      { ...value, name: second },
    ];
  return type.name === 'list' ? [{ ...value, name: first }] : [{ name: first, place: place?.key, size: entry?.key }];
}
