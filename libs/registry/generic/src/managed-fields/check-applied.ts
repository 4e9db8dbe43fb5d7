import type { FieldFacts, StructType, TypeRef, TypeTable } from '@reckon/api/kinds';
import { goQuote } from '@reckon/api/machinery';
import { goValueText } from '../patch/go-value-text';
import { elementText } from './apply-conflicts';
import type { FieldPlan, ManagedFieldsTypes } from './managed-fields-type';
import { elementOf, keylessElement, memberOf } from './path-elements';

type Json = Record<string, unknown>;
type Tell = (path: string, message: string) => void;

/**
 * Why a configuration does not fit the schema, in structured-merge-diff's words (`typed.AsTyped`); undefined when it does.
 * Lists that merge must have items that can be told apart.
 */
export const appliedProblem = (
  types: TypeTable,
  plans: ManagedFieldsTypes,
  struct: StructType,
  config: unknown,
): string | undefined => problemOf({ types, plans, mayRepeat: false }, struct, config);

/** The same of a live object, in which equal items are nobody's fault (`typed.AllowDuplicates`). */
export const liveProblem = (
  types: TypeTable,
  plans: ManagedFieldsTypes,
  struct: StructType,
  live: unknown,
): string | undefined => problemOf({ types, plans, mayRepeat: true }, struct, live);

function problemOf(check: Omit<Check, 'tell'>, struct: StructType, value: unknown): string | undefined {
  const problems: string[] = [];
  const tell: Tell = (path, message) => problems.push(path === '' ? message : `${path}: ${message}`);
  checkStruct({ ...check, tell }, struct, value, '');
  const [only] = problems;
  return problems.length < 2 ? only : ['errors:', ...problems.map((problem) => `  ${problem}`)].join('\n');
}

interface Check {
  readonly types: TypeTable;
  readonly plans: ManagedFieldsTypes;
  /** May a list that merges hold equal items? */
  readonly mayRepeat: boolean;
  readonly tell: Tell;
}

/** By the struct's own plan: what is in an atomic field must fit, too. */
function checkStruct(check: Check, struct: StructType, value: unknown, path: string): void {
  const { plan } = check.plans(struct);
  for (const [name, member] of membersOf(check, value, path)) {
    const field = struct.byName.get(name);
    if (field !== undefined) {
      checkValue(check, field.type, field, memberOf(plan, name).plan, member, `${path}.${name}`);
    } else if (!struct.open && !(path === '' && (name === 'kind' || name === 'apiVersion'))) {
      check.tell(`${path}.${name}`, 'field not declared in schema');
      return;
    }
  }
}

function checkValue(
  check: Check,
  type: TypeRef,
  field: FieldFacts | undefined,
  plan: FieldPlan,
  value: unknown,
  path: string,
): void {
  switch (type.kind) {
    case 'pointer':
      checkValue(check, type.of, field, plan, value, path);
      return;
    case 'struct':
      checkStruct(check, check.types.struct(type.struct), value, path);
      return;
    case 'map':
      for (const [name, member] of membersOf(check, value, path))
        checkValue(check, type.of, undefined, memberOf(plan, name).plan, member, `${path}.${name}`);
      return;
    case 'slice':
      checkList(check, type.of, plan, value, path);
      return;
    default:
      checkScalar(check, type.kind, value, path);
  }
}

function checkList(check: Check, type: TypeRef, plan: FieldPlan, value: unknown, path: string): void {
  if (value === null) return;
  if (!Array.isArray(value)) {
    check.tell(path, `expected list, got ${shown(value)}`);
    return;
  }
  const seen = new Set<string>();
  for (const [i, item] of (value as unknown[]).entries()) {
    let at = `[${String(i)}]`;
    if (plan.kind === 'set' || plan.kind === 'keyed') {
      const problem = itemProblem(plan, item);
      if (problem !== undefined) {
        check.tell(path, `element ${String(i)}: ${problem}`);
        return;
      }
      const element = elementOf(plan, item);
      at = elementText(element);
      if (seen.has(element) && !check.mayRepeat) check.tell(path, `duplicate entries for key ${at}`);
      seen.add(element);
    }
    checkValue(check, type, undefined, plan.kind === 'keyed' ? plan.of : plan, item, path + at);
  }
}

/** Why an item cannot be told from others (`listItemToPathElement`). */
function itemProblem(plan: Extract<FieldPlan, { kind: 'set' | 'keyed' }>, item: unknown): string | undefined {
  if (plan.kind === 'set') {
    if (item === null) return "associative list without keys has an element that's an explicit null";
    if (Array.isArray(item)) return 'not supported: associative list with lists as elements';
    return typeof item === 'object' ? "associative list without keys has an element that's a map type" : undefined;
  }
  if (item === null) return 'associative list with keys may not have a null element';
  if (typeof item !== 'object' || Array.isArray(item))
    return 'associative list with keys may not have non-map elements';
  return elementOf(plan, item) === keylessElement
    ? `associative list with keys has an element that omits all key fields [${plan.keys.map(goQuote).join(' ')}] (and doesn't have default values for any key fields)`
    : undefined;
}

function checkScalar(check: Check, kind: string, value: unknown, path: string): void {
  if (value === null) return;
  switch (kind) {
    case 'string':
    case 'time':
    case 'microTime':
    case 'duration':
    case 'bytes':
      if (typeof value !== 'string')
        check.tell(path, `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`);
      return;
    case 'bool':
      if (typeof value !== 'boolean') check.tell(path, `expected boolean, got ${shown(value)}`);
      return;
    case 'int':
    case 'int32':
    case 'int64':
    case 'float64':
      if (typeof value !== 'number' && typeof value !== 'bigint')
        check.tell(path, `expected numeric (int or float), got ${goType(value)}`);
      return;
    case 'quantity':
    case 'intOrString':
      if (typeof value === 'object') check.tell(path, `expected any scalar, got ${shown(value)}`);
      return;
    default:
      // Free-form data.
      return;
  }
}

function membersOf(check: Check, value: unknown, path: string): [string, unknown][] {
  if (value === null) return [];
  if (typeof value === 'object' && !Array.isArray(value)) return Object.entries(value as Json);
  check.tell(path, `expected map, got ${shown(value)}`);
  return [];
}

/** Go's `%v`, `%#v` and `%T` of a decoded JSON value. */
const shown = (value: unknown): string => `&{${goValueText(value)}}`;

function goSyntax(value: unknown): string {
  if (typeof value === 'string') return goQuote(value);
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  if (typeof value === 'object' && value !== null)
    return `map[string]interface {}{${Object.entries(value)
      .map(([key, item]) => `${goQuote(key)}:${goSyntax(item)}`)
      .join(', ')}}`;
  return value === null ? 'interface {}(nil)' : goValueText(value);
}

function goType(value: unknown): string {
  if (typeof value === 'boolean') return 'bool';
  if (Array.isArray(value)) return '[]interface {}';
  return typeof value === 'object' ? 'map[string]interface {}' : typeof value;
}
