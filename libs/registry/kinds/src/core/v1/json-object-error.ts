import { JsonScanner } from './json-scanner';

const goTypes: Record<string, string> = { string: 'string', number: 'number', boolean: 'bool', object: 'array' };

/** What encoding/json says of a text that is no JSON object; undefined when it is one (or null). */
export const jsonObjectError = (text: string): string | undefined =>
  jsonError(text, 'object', 'map[string]interface {}');

/** The same for a text that should be read into a struct (`object`) or a slice (`array`) of this Go type. */
export function jsonError(text: string, form: 'object' | 'array', goType: string): string | undefined {
  const problem = new JsonScanner(text).problem();
  if (problem !== undefined) return problem;
  const value: unknown = JSON.parse(text);
  if (value === null || (typeof value === 'object' && Array.isArray(value) === (form === 'array'))) return undefined;
  return cannotUnmarshal(value, `value of type ${goType}`);
}

/** `json: cannot unmarshal string into Go value of type core.Taint`, or `… Go struct field Taint.Key of type string`. */
export function cannotUnmarshal(value: unknown, where: string): string {
  const given = typeof value === 'object' && !Array.isArray(value) ? 'object' : (goTypes[typeof value] ?? 'value');
  return `json: cannot unmarshal ${given} into Go ${where}`;
}
