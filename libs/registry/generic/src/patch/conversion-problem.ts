import type { StructType, TypeRef, TypeTable } from '@reckon/api/kinds';
import { kindOf } from './strategic-merge';
import { settled } from './patch-schema';

/**
 * Why a value does not fit a type, in the words of apimachinery/pkg/runtime `FromUnstructured`, through which upstream puts strategic
 * merge results (other patches go through JSON and say it differently). undefined if it finds nothing.
 */
export function conversionProblem(types: TypeTable, struct: StructType, value: unknown): string | undefined {
  return structProblem(types, struct, value);
}

function structProblem(types: TypeTable, struct: StructType, value: unknown): string | undefined {
  if (kindOf(value) !== 'object') return `cannot restore struct from: ${reflectKind(value)}`;
  const members = value as Record<string, unknown>;
  for (const field of struct.fields) {
    const member = Object.hasOwn(members, field.name) ? members[field.name] : undefined;
    if (member === undefined || member === null) continue;
    const problem = typeProblem(types, field.type, member);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function typeProblem(types: TypeTable, ref: TypeRef, value: unknown): string | undefined {
  const type = settled(ref);
  const kind = kindOf(value);
  switch (type.kind) {
    case 'struct':
      return structProblem(types, types.struct(type.struct), value);
    case 'slice':
      if (!Array.isArray(value)) return `cannot restore slice from ${reflectKind(value)}`;
      return firstProblem(types, type.of, value);
    case 'map':
      if (kind !== 'object') return `cannot restore map from ${reflectKind(value)}`;
      return firstProblem(types, type.of, Object.values(value as Record<string, unknown>));
    case 'string':
      if (kind === 'string') return undefined;
      return kind === 'int64' ? 'cannot convert int64 to string' : 'unrecognized type: string';
    case 'bool':
      return kind === 'bool' || kind === 'boolean' ? undefined : 'unrecognized type: bool';
    case 'int':
    case 'int32':
    case 'int64':
      if (kind === 'int64') return undefined;
      return kind === 'float64' ? `cannot convert float64 to ${type.kind}` : `unrecognized type: ${type.kind}`;
    default:
      return undefined;
  }
}

function firstProblem(types: TypeTable, type: TypeRef, values: readonly unknown[]): string | undefined {
  for (const value of values) {
    if (value === null) continue;
    const problem = typeProblem(types, type, value);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Go's reflect.Kind of a decoded value. */
function reflectKind(value: unknown): string {
  switch (kindOf(value)) {
    case 'object':
      return 'map';
    case 'list':
      return 'slice';
    case 'boolean':
      return 'bool';
    default:
      return kindOf(value);
  }
}
