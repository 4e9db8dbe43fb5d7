import { deepCopy, type FieldPath, fieldErrors, fieldPath, jsonEqual } from '@reckon/api/machinery';
import type { Errors } from '../../field-checks';
import { validateEmbeddedResources } from './embedded-resource';
import { itemSchemaOf, type JsonSchema, propertiesOf } from './json-schema';
import { prune } from './prune';
import { validateValue } from './value.validation';

/** Puts a default for part of a resource's own fields into a whole resource. */
type Surround = (focus: unknown) => Record<string, unknown>;

const aResource: Surround = (focus) => ({ ...(focus as object), kind: 'Validation', apiVersion: 'validation/v1' });

interface Place {
  readonly surround: Surround;
  /** The resource that the surroundings are one of. */
  readonly resource: JsonSchema;
  readonly insideMeta: boolean;
  readonly unpruned: 'refused' | 'tolerated';
}

/** pkg/apiserver/schema/defaulting `ValidateDefaults`: defaults are values of their schemas, without unknown fields. */
export function validateDefaults(path: FieldPath, root: JsonSchema, unpruned: 'refused' | 'tolerated'): Errors {
  const errors: Errors = [];
  const resource = { ...root, 'x-kubernetes-embedded-resource': true };
  visit(errors, path, resource, { surround: aResource, resource, insideMeta: false, unpruned });
  return errors;
}

/** Defaults inside additionalProperties are forbidden, so nobody looks there. */
function visit(errors: Errors, path: FieldPath, schema: JsonSchema, outside: Place): void {
  const isResource = schema['x-kubernetes-embedded-resource'] === true;
  const here = isResource ? { ...outside, surround: aResource, resource: schema, insideMeta: false } : outside;
  const value: unknown = schema.default;
  if (value !== undefined && value !== null) validateDefault(errors, path.child('default'), value, schema, here);
  const item = itemSchemaOf(schema);
  if (item) visit(errors, path.child('items'), item, { ...here, surround: (focus) => here.surround([focus]) });
  for (const [name, property] of propertiesOf(schema))
    visit(errors, path.child('properties').key(name), property, {
      ...here,
      surround: (focus) => here.surround({ [name]: focus }),
      insideMeta: here.insideMeta || (isResource && ['metadata', 'apiVersion', 'kind'].includes(name)),
    });
}

function validateDefault(errors: Errors, path: FieldPath, value: unknown, schema: JsonSchema, here: Place): void {
  if (here.insideMeta) {
    const resource = here.surround(deepCopy(value));
    const problems = validateEmbeddedResources(fieldPath(''), resource, here.resource);
    if (problems.length > 0) {
      const texts = problems.map(String);
      const all = texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
      errors.push(fieldErrors.invalid(path, value, `must result in valid metadata: ${all}`));
    } else errors.push(...validateValue(path, value, schema));
    return;
  }
  if (here.unpruned === 'refused' && !isPruned(value, schema))
    errors.push(fieldErrors.invalid(path, value, 'must not have unknown fields'));
  const problems = validateEmbeddedResources(path, value, schema);
  errors.push(...(problems.length > 0 ? problems : validateValue(path, value, schema)));
}

function isPruned(value: unknown, schema: JsonSchema): boolean {
  const pruned = deepCopy(value);
  prune(pruned, schema);
  return jsonEqual(pruned, value);
}

/** Whether any default has fields that its schema does not know. */
export function hasUnprunedDefaults(schema: JsonSchema): boolean {
  if (schema.default !== undefined && schema.default !== null && !isPruned(schema.default, schema)) return true;
  const item = itemSchemaOf(schema);
  if (item && hasUnprunedDefaults(item)) return true;
  return propertiesOf(schema).some(([, property]) => hasUnprunedDefaults(property));
}
