import { goKindOf } from '@reckon/api/machinery';

/** What a field of a Go struct takes. */
type GoField = 'string' | 'bool' | 'strings' | GoStruct | { readonly mapOf: string } | { readonly listOf: GoStruct };

export interface GoStruct {
  readonly name: string;
  readonly fields: Readonly<Record<string, GoField>>;
}

/**
 * What Go's decoder says of the first value in an object that has not the type of its field; undefined where all have. null is nothing,
 * and what no field is for is left alone. `version` is the package of the types.
 */
export function goShapeProblem(object: object, struct: GoStruct, version: string): string | undefined {
  for (const [name, field] of Object.entries(struct.fields)) {
    const problem = checked(fieldOf(object, name), field, { holder: struct.name, path: name, version });
    if (problem !== undefined) return problem;
  }
  return undefined;
}

interface Place {
  /** The struct that has the field. */
  readonly holder: string;
  /** From the root, without places in lists. */
  readonly path: string;
  readonly version: string;
}

function checked(value: unknown, field: GoField, place: Place): string | undefined {
  if (value === null || value === undefined) return undefined;
  const unfit = (type: string, found: unknown = value): string =>
    `json: cannot unmarshal ${goKindOf(found)} into Go struct field ${place.holder}.${place.path} of type ${type}`;
  if (field === 'string' || field === 'bool')
    return typeof value === (field === 'bool' ? 'boolean' : 'string') ? undefined : unfit(field);
  if (field === 'strings') return Array.isArray(value) ? textsProblem(value, unfit) : unfit('[]string');
  if ('listOf' in field) return listProblem(value, field.listOf, place, unfit);
  if ('mapOf' in field) return mapProblem(value, `${place.version}.${field.mapOf}`, unfit);
  return isObject(value) ? inner(value, field, place) : unfit(`${place.version}.${field.name}`);
}

type Unfit = (type: string, found?: unknown) => string;

function inner(value: object, struct: GoStruct, place: Place): string | undefined {
  for (const [name, field] of Object.entries(struct.fields)) {
    const path = `${place.path}.${name}`;
    const problem = checked(fieldOf(value, name), field, { ...place, holder: struct.name, path });
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function textsProblem(list: readonly unknown[], unfit: Unfit): string | undefined {
  const wrong = list.find((one) => one !== null && typeof one !== 'string');
  return wrong === undefined ? undefined : unfit('string', wrong);
}

function listProblem(value: unknown, struct: GoStruct, place: Place, unfit: Unfit): string | undefined {
  const type = `${place.version}.${struct.name}`;
  if (!Array.isArray(value)) return unfit(`[]${type}`);
  for (const one of value as readonly unknown[]) {
    if (one === null) continue;
    const problem = isObject(one) ? inner(one, struct, place) : unfit(type, one);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function mapProblem(value: unknown, type: string, unfit: Unfit): string | undefined {
  if (!isObject(value)) return unfit(`map[string]${type}`);
  for (const list of Object.values(value) as unknown[]) {
    if (list === null) continue;
    const problem = Array.isArray(list) ? textsProblem(list, unfit) : unfit(type, list);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const fieldOf = (object: object, name: string): unknown =>
  Object.hasOwn(object, name) ? (object as Record<string, unknown>)[name] : undefined;
