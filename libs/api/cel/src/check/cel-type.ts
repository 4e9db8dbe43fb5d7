/** A type as cel-go's checker has it: a name and what it is made of (`list(string)`, `map(string, dyn)`). */
export interface CelType {
  readonly name: string;
  readonly parameters: readonly CelType[];
  /** Stands for any one type, by its name, in the declaration of a function. */
  readonly isParameter?: true;
}

const plain = (name: string): CelType => ({ name, parameters: [] });

export const celTypes = {
  any: plain('any'),
  bool: plain('bool'),
  bytes: plain('bytes'),
  double: plain('double'),
  duration: plain('google.protobuf.Duration'),
  dyn: plain('dyn'),
  /** Of what is wrong: it fits everywhere, so that one mistake is told once. */
  error: plain('!error!'),
  /** What an empty list or map holds: whatever it is joined with, dynamic in the end. */
  free: plain('?'),
  int: plain('int'),
  null: plain('null_type'),
  string: plain('string'),
  timestamp: plain('google.protobuf.Timestamp'),
  uint: plain('uint'),
};

export const objectType = (name: string): CelType => plain(name);
export const listOf = (element: CelType): CelType => ({ name: 'list', parameters: [element] });
export const mapOf = (key: CelType, value: CelType): CelType => ({ name: 'map', parameters: [key, value] });
export const optionalOf = (value: CelType): CelType => ({ name: 'optional_type', parameters: [value] });
export const typeOf = (type: CelType): CelType => ({ name: 'type', parameters: [type] });
export const typeParameter = (name: string): CelType => ({ name, parameters: [], isParameter: true });

export const isDyn = ({ name }: CelType): boolean =>
  name === 'dyn' || name === 'any' || name === '?' || name === '!error!';
export const isFree = ({ name }: CelType): boolean => name === '?';

/** With what is still free made dynamic: the type of a whole expression. */
export function settled(type: CelType): CelType {
  if (isFree(type)) return celTypes.dyn;
  return type.parameters.length === 0 ? type : { name: type.name, parameters: type.parameters.map(settled) };
}

/** Types whose values are data: all but messages, types and what is not known. */
export const dataTypes: readonly string[] = [
  'bool',
  'bytes',
  'double',
  'google.protobuf.Duration',
  'google.protobuf.Timestamp',
  'int',
  'list',
  'map',
  'null_type',
  'string',
  'uint',
];

const variableTypes: ReadonlySet<string> = new Set(dataTypes);

/** What later expressions take a variable for: other types are forgotten (admission/plugin/cel `convertCelTypeToDeclType`). */
export function variableType({ name, parameters }: CelType): CelType {
  return variableTypes.has(name) ? { name, parameters: parameters.map(variableType) } : celTypes.dyn;
}

/** common/types `Type.IsExactType`. */
export function isSameType(a: CelType, b: CelType): boolean {
  return (
    a.name === b.name &&
    a.isParameter === b.isParameter &&
    a.parameters.length === b.parameters.length &&
    a.parameters.every((parameter, i) => isSameType(parameter, b.parameters[i] ?? parameter))
  );
}

/** common/types `Type.String`: in messages about what an expression evaluates to. */
export const typeText = ({ name, parameters }: CelType): string =>
  parameters.length === 0 ? name : `${name}(${parameters.map(typeText).join(', ')})`;

const shortNames: ReadonlyMap<string, string> = new Map([
  ['google.protobuf.Duration', 'duration'],
  ['google.protobuf.Timestamp', 'timestamp'],
  ['null_type', 'null'],
  ['?', 'dyn'],
]);

/** checker `FormatCELType`: in messages about the parts of an expression. */
export const shortTypeText = ({ name, parameters }: CelType): string =>
  parameters.length === 0 ? (shortNames.get(name) ?? name) : `${name}(${parameters.map(shortTypeText).join(', ')})`;
