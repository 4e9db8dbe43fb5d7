import { JsonScanner } from './json-scanner';

const goTypes: Record<string, string> = { string: 'string', number: 'number', boolean: 'bool', object: 'array' };

/** What encoding/json says of a text that is no JSON object; undefined when it is one (or null). */
export function jsonObjectError(text: string): string | undefined {
  const problem = new JsonScanner(text).problem();
  if (problem !== undefined) return problem;
  const value: unknown = JSON.parse(text);
  if (value === null || (typeof value === 'object' && !Array.isArray(value))) return undefined;
  return `json: cannot unmarshal ${goTypes[typeof value] ?? 'value'} into Go value of type map[string]interface {}`;
}
