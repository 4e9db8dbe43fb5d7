import { type FieldError, type FieldPath, jsonEqual } from '@reckon/api/machinery';
import { compileGoPattern } from '@reckon/api/cel';
import { additionalSchemaOf, itemSchemaOf, type JsonSchema, propertiesOf, propertyOf } from './json-schema';
import { isKnownFormat, matchesFormat } from './string-format';
import { validateNumber } from './number-value';
import { ValueResult, valueErrors } from './value-result';

/**
 * A value against its schema, with the words and the order of kube-openapi/pkg/validation/validate `SchemaValidator` (fixed order
 * of keys where Go's maps have none). Every check runs, also after the type has been refused.
 */
export function validateValue(path: FieldPath, value: unknown, schema: JsonSchema): FieldError[] {
  return check('', value, schema).errors.map(({ at }) => at(path));
}

function check(name: string, value: unknown, schema: JsonSchema): ValueResult {
  const result = new ValueResult();
  if (value === null || value === undefined) {
    checkNull(result, name, schema);
    checkEnum(result, name, null, schema);
    return result;
  }
  if (schema.type || schema.format) {
    checkType(result, name, value, schema);
    result.matches++;
  }
  checkJuncts(result, name, value, schema);
  result.matches++;
  if (typeof value === 'string') {
    checkText(result, name, value, schema);
    result.matches++;
    if (schema.format && isKnownFormat(schema.format)) {
      if (!matchesFormat(schema.format, value)) result.add(valueErrors.type(name, schema.format, value));
      result.matches++;
    }
  }
  if (typeof value === 'number') {
    validateNumber(result, name, value, schema);
    result.matches++;
  }
  if (Array.isArray(value)) {
    checkList(result, name, value, schema);
    result.matches++;
  }
  checkEnum(result, name, value, schema);
  result.matches++;
  if (typeof value === 'object' && !Array.isArray(value)) {
    checkObject(result, name, value as Record<string, unknown>, schema);
    result.matches++;
  }
  result.matches++;
  return result;
}

function checkNull(result: ValueResult, name: string, schema: JsonSchema): void {
  if (schema.type && schema.nullable !== true) result.add(valueErrors.type(name, schema.type, 'null'));
}

const typeOf = (value: unknown): string => {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
};

function checkType(result: ValueResult, name: string, value: unknown, schema: JsonSchema): void {
  const { type = '', format = '' } = schema;
  const actual = typeOf(value);
  const isNumeric = type === 'number' || type === 'integer';
  const fits = actual === type || (actual === 'integer' && type === 'number');
  const isTextual = actual === 'string' || actual === 'array';
  if (!isTextual && format !== '' && !fits && format !== (actual === 'integer' ? 'int64' : '')) {
    result.add(valueErrors.type(name, format, actual === 'integer' ? 'int64' : actual === 'number' ? 'float64' : ''));
    return;
  }
  // A format of texts takes any text here; the format itself is checked later.
  if (!isNumeric && format !== '' && isTextual) return;
  if (!fits) result.add(valueErrors.type(name, type, actual));
}

function checkJuncts(result: ValueResult, name: string, value: unknown, schema: JsonSchema): void {
  checkAnyOf(result, name, value, schema.anyOf ?? []);
  checkOneOf(result, name, value, schema.oneOf ?? []);
  const all = schema.allOf ?? [];
  let valid = 0;
  for (const junct of all) {
    const inner = check(name, value, junct);
    if (inner.isValid) valid++;
    result.merge(inner);
  }
  if (valid !== all.length) {
    const none = valid === 0 ? '. None validated' : '';
    result.add(valueErrors.composite(`"${name}" must validate all the schemas (allOf)${none}`));
  }
  if (schema.not && check(name, value, schema.not).isValid)
    result.add(valueErrors.composite(`"${name}" must not validate the schema (not)`));
}

function checkAnyOf(result: ValueResult, name: string, value: unknown, juncts: readonly JsonSchema[]): void {
  if (juncts.length === 0) return;
  let best: ValueResult | undefined;
  for (const junct of juncts) {
    const inner = check(name, value, junct);
    if (inner.isValid) {
      result.merge(inner);
      return;
    }
    if (best === undefined || inner.matches > best.matches) best = inner;
  }
  result.add(valueErrors.composite(`"${name}" must validate at least one schema (anyOf)`));
  if (best !== undefined) result.merge(best);
}

function checkOneOf(result: ValueResult, name: string, value: unknown, juncts: readonly JsonSchema[]): void {
  if (juncts.length === 0) return;
  let best: ValueResult | undefined;
  let first: ValueResult | undefined;
  let valid = 0;
  for (const junct of juncts) {
    const inner = check(name, value, junct);
    if (inner.isValid) {
      valid++;
      first ??= inner;
    } else if (valid === 0 && (best === undefined || inner.matches > best.matches)) best = inner;
  }
  if (valid === 1 && first !== undefined) {
    result.merge(first);
    return;
  }
  const found = valid === 0 ? 'Found none valid' : `Found ${String(valid)} valid alternatives`;
  result.add(valueErrors.composite(`"${name}" must validate one and only one schema (oneOf). ${found}`));
  if (valid === 0 && best !== undefined) result.merge(best);
}

/** The first of length and pattern that fails. */
function checkText(result: ValueResult, name: string, value: string, schema: JsonSchema): void {
  const { maxLength, minLength, pattern } = schema;
  const length = maxLength === undefined && minLength === undefined ? 0 : Array.from(value).length;
  if (maxLength !== undefined && length > maxLength) result.add(valueErrors.tooLong(name, maxLength));
  else if (minLength !== undefined && length < minLength)
    result.add(valueErrors.invalid(name, `should be at least ${String(minLength)} chars long`, value));
  else if (pattern) {
    const compiled = compileGoPattern(pattern);
    if (compiled.problem !== undefined)
      result.add(
        valueErrors.invalid(name, `should match '${pattern}, but pattern is invalid: ${compiled.problem}'`, value),
      );
    else if (!compiled.matches(value)) result.add(valueErrors.invalid(name, `should match '${pattern}'`, value));
  }
}

function checkEnum(result: ValueResult, name: string, value: unknown, schema: JsonSchema): void {
  const values = schema.enum ?? [];
  if (values.length > 0 && !values.some((allowed) => jsonEqual(allowed, value)))
    result.add(valueErrors.notInEnum(name, value, values));
}

function checkList(result: ValueResult, name: string, value: readonly unknown[], schema: JsonSchema): void {
  const item = itemSchemaOf(schema);
  if (item) for (const [i, element] of value.entries()) result.merge(check(`${name}[${String(i)}]`, element, item));
  const { minItems, maxItems } = schema;
  if (minItems !== undefined && value.length < minItems)
    result.add(valueErrors.invalid(name, `should have at least ${String(minItems)} items`, value.length));
  if (maxItems !== undefined && value.length > maxItems)
    result.add(valueErrors.tooMany(name, 'items', value.length, maxItems));
  if (schema.uniqueItems === true && new Set(value.map(sortedText)).size < value.length)
    result.add(valueErrors.invalid(name, "shouldn't contain duplicates", ''));
}

/** Equal for equal values, so that a long list is not compared item by item. */
function sortedText(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? ['{', ...Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))]
      : typeof inner === 'bigint'
        ? ['n', String(inner)]
        : inner,
  );
}

function checkObject(result: ValueResult, name: string, value: Record<string, unknown>, schema: JsonSchema): void {
  const { minProperties, maxProperties, additionalProperties } = schema;
  const keys = Object.keys(value);
  if (minProperties !== undefined && keys.length < minProperties) {
    const rest = `should have at least ${String(minProperties)} properties`;
    result.add(valueErrors.invalid(name, rest, minProperties));
    return;
  }
  if (maxProperties !== undefined && keys.length > maxProperties) {
    result.add(valueErrors.tooMany(name, 'properties', keys.length, maxProperties));
    return;
  }
  const additional = additionalSchemaOf(schema);
  for (const key of keys) {
    if (propertyOf(schema, key)) continue;
    if (additionalProperties === false) result.add(valueErrors.forbiddenProperty(name, key));
    else if (additional) result.merge(check(`${name}.${key}`, value[key], additional));
  }
  for (const [key, property] of propertiesOf(schema))
    if (Object.hasOwn(value, key)) result.merge(check(name === '' ? key : `${name}.${key}`, value[key], property));
  for (const key of schema.required ?? [])
    if (!Object.hasOwn(value, key)) result.add(valueErrors.required(`${name}.${key}`));
}
