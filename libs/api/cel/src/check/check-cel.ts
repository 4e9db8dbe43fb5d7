import type { CelEnvironment } from './cel-environment';
import type { CelOverload } from './cel-functions';
import { celMacro } from './cel-macros';
import type { CelNode, CelProblem } from '../syntax/cel-node';
import { tooDeepMessage } from '../syntax/parse-cel';
import { qualifiedName } from './qualified-name';
import {
  celTypes,
  type CelType,
  isDyn,
  isFree,
  isSameType,
  listOf,
  mapOf,
  optionalOf,
  settled,
  shortTypeText,
} from './cel-type';
import { type Bindings, isAssignable, joinTypes, substitute } from './cel-unify';

/** Variables of comprehensions, the innermost last. */
type Locals = readonly (readonly [name: string, type: CelType])[];

/** The type of an expression (cel-go checker `Check`); what is wrong is added to the problems, and its type is dynamic. */
export function checkCel(
  node: CelNode,
  environment: CelEnvironment,
  problems: CelProblem[],
  types?: Map<CelNode, CelType>,
): CelType {
  return settled(new Checker(environment, problems, types).check(node, []));
}

/** Chains in parentheses make trees deeper than the parser went. */
const deepest = 1000;

type Of<Kind extends CelNode['kind']> = Extract<CelNode, { kind: Kind }>;

class Checker {
  private depth = 0;

  constructor(
    private readonly environment: CelEnvironment,
    private readonly problems: CelProblem[],
    /** Is told the type of each part. */
    private readonly types: Map<CelNode, CelType> | undefined,
  ) {}

  check(node: CelNode, locals: Locals): CelType {
    if (this.depth > deepest) return this.refuse(node.at, tooDeepMessage);
    this.depth++;
    const type = this.typeOf(node, locals);
    this.depth--;
    this.types?.set(node, type);
    return type;
  }

  private typeOf(node: CelNode, locals: Locals): CelType {
    switch (node.kind) {
      case 'literal':
        return node.type;
      case 'ident':
        return this.variable(node.name, locals) ?? this.undeclared(node.at, node.name);
      case 'select':
        return this.select(node, locals);
      case 'call':
        return this.call(node, locals);
      case 'list':
        return this.list(node, locals);
      case 'map':
        return this.map(node, locals);
      case 'message':
        return this.message(node, locals);
    }
  }

  refuse(at: number, message: string): CelType {
    this.problems.push({ at, message });
    return celTypes.error;
  }

  mismatch(at: number, expected: CelType, found: CelType): CelType {
    return this.refuse(at, `expected type '${shortTypeText(expected)}' but found '${shortTypeText(found)}'`);
  }

  noOverload(at: number, name: string, types: readonly CelType[], isMember = false): CelType {
    const [receiver, ...rest] = types.map(shortTypeText);
    const signature = isMember ? `${receiver ?? ''}.(${rest.join(', ')})` : `(${types.map(shortTypeText).join(', ')})`;
    return this.refuse(at, `found no matching overload for '${name}' applied to '${signature}'`);
  }

  method(call: Of<'call'>, name: string, types: readonly CelType[]): CelType {
    return this.resolve(call, name, types, true);
  }

  private undeclared(at: number, name: string): CelType {
    return this.refuse(at, `undeclared reference to '${name.replace(/^\./, '')}' (in container '')`);
  }

  private variable(name: string, locals: Locals): CelType | undefined {
    for (let i = locals.length - 1; i >= 0; i--) if (locals[i]?.[0] === name) return locals[i]?.[1];
    return this.environment.variables.get(name.replace(/^\./, ''));
  }

  private select(node: Of<'select'>, locals: Locals): CelType {
    const qualified = node.isOptional ? undefined : qualifiedName(node);
    // A local variable hides what a longer name means.
    if (qualified !== undefined && !locals.some(([name]) => name === qualified.split('.')[0])) {
      const variable = this.environment.variables.get(qualified);
      if (variable !== undefined) return variable;
    }
    const operand = this.check(node.operand, locals);
    const isWrapped = operand.name === 'optional_type';
    const field = this.field(node.at, isWrapped ? (operand.parameters[0] ?? celTypes.dyn) : operand, node.field);
    return isWrapped || node.isOptional ? optionalOf(field) : field;
  }

  private field(at: number, type: CelType, name: string): CelType {
    if (type.name === 'map') return type.parameters[1] ?? celTypes.dyn;
    if (isDyn(type)) return celTypes.dyn;
    const fields = this.environment.fieldsOf(type.name);
    if (fields === undefined) return this.refuse(at, `type '${shortTypeText(type)}' does not support field selection`);
    if (fields === 'any') return celTypes.dyn;
    return Object.hasOwn(fields, name) ? (fields[name] ?? celTypes.dyn) : this.refuse(at, `undefined field '${name}'`);
  }

  private call(node: Of<'call'>, locals: Locals): CelType {
    const macro = celMacro(node, this.environment);
    if (macro !== undefined) return macro(this, locals);
    const types = node.arguments.map((argument) => this.check(argument, locals));
    const { functions } = this.environment;
    if (node.target === undefined) return this.resolve(node, node.name.replace(/^\./, ''), types);
    const prefix = qualifiedName(node.target);
    if (prefix !== undefined && functions.has(`${prefix}.${node.name}`))
      return this.resolve(node, `${prefix}.${node.name}`, types);
    return this.resolve(node, node.name, [this.check(node.target, locals), ...types], true);
  }

  private resolve(node: Of<'call'>, name: string, types: readonly CelType[], isMember = false): CelType {
    const overloads = this.environment.functions.get(name);
    if (overloads === undefined) return this.undeclared(node.at, name);
    if (name === '_&&_' || name === '_||_') {
      for (const [i, type] of types.entries())
        if (!isDyn(type) && !isSameType(type, celTypes.bool))
          this.mismatch(node.arguments[i]?.at ?? node.at, celTypes.bool, type);
      return celTypes.bool;
    }
    return resultOf(overloads, types, isMember) ?? this.noOverload(node.at, name, types, isMember);
  }

  private list({ elements }: Of<'list'>, locals: Locals): CelType {
    let joined: CelType | undefined;
    for (const { value, isOptional } of elements) joined = this.join(joined, this.unwrapped(value, isOptional, locals));
    return listOf(joined ?? celTypes.free);
  }

  private map({ entries }: Of<'map'>, locals: Locals): CelType {
    let keys: CelType | undefined;
    let values: CelType | undefined;
    for (const { key, value, isOptional } of entries) {
      keys = this.join(keys, this.check(key, locals));
      values = this.join(values, this.unwrapped(value, isOptional, locals));
    }
    return mapOf(keys ?? celTypes.free, values ?? celTypes.free);
  }

  /** An optional element must be an optional value. */
  private unwrapped(value: CelNode, isOptional: boolean, locals: Locals): CelType {
    const type = this.check(value, locals);
    if (!isOptional || (isDyn(type) && type.name !== celTypes.error.name)) return type;
    if (type.name === 'optional_type') return type.parameters[0] ?? celTypes.dyn;
    return this.mismatch(value.at, optionalOf(type), type);
  }

  /** What a list or map holds: dynamic where types differ. */
  private join(before: CelType | undefined, type: CelType): CelType {
    return before === undefined ? type : (joinTypes(before, type) ?? celTypes.dyn);
  }

  private message({ at, name, fields }: Of<'message'>, locals: Locals): CelType {
    const plain = name.replace(/^\./, '');
    const known = this.environment.fieldsOf(plain);
    if (known === undefined) {
      const declared = this.environment.variables.get(plain);
      if (declared === undefined) return this.undeclared(at, plain);
      return this.refuse(at, `'${plain}' is not a ${declared.name === 'type' ? 'message ' : ''}type`);
    }
    for (const field of fields) {
      const given = this.unwrapped(field.value, field.isOptional, locals);
      const expected =
        known === 'any'
          ? celTypes.dyn
          : Object.hasOwn(known, field.name)
            ? (known[field.name] ?? celTypes.dyn)
            : this.refuse(field.at, `undefined field '${field.name}'`);
      if (!isAssignable(new Map(), expected, given))
        this.refuse(
          field.at,
          `expected type of field '${field.name}' is '${shortTypeText(expected)}' but provided type is '${shortTypeText(given)}'`,
        );
    }
    return { name: plain, parameters: [] };
  }
}

/** All overloads that fit, since dynamic values fit many; undefined when none does. */
function resultOf(
  overloads: readonly CelOverload[],
  types: readonly CelType[],
  isMember: boolean,
): CelType | undefined {
  let result: CelType | undefined;
  for (const overload of overloads) {
    if (overload.isMember !== isMember || overload.parameters.length !== types.length) continue;
    const bindings: Bindings = new Map();
    const fits = overload.parameters.every((declared, i) => isAssignable(bindings, declared, types[i] ?? celTypes.dyn));
    if (!fits) continue;
    const own = substitute(bindings, overload.result);
    result = result === undefined || (isSameType(result, own) && !hasFree(own)) ? own : celTypes.dyn;
  }
  return result;
}

/** What is still open is never the same as what another overload left open. */
const hasFree = (type: CelType): boolean => isFree(type) || type.parameters.some(hasFree);
