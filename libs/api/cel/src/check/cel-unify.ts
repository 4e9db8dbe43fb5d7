import { type CelType, celTypes, isDyn, isFree } from './cel-type';

/** What type parameters stand for, by their names. */
export type Bindings = Map<string, CelType>;

/** Whether a value of a type can be given where another is declared (cel-go checker `isAssignable`); binds parameters. */
export function isAssignable(bindings: Bindings, declared: CelType, given: CelType): boolean {
  if (declared.isParameter === true) {
    const bound = bindings.get(declared.name);
    if (bound === undefined) {
      bindings.set(declared.name, given);
      return true;
    }
    const joined = joinTypes(bound, given);
    if (joined === undefined) return false;
    bindings.set(declared.name, joined);
    return true;
  }
  if (isDyn(declared) || isDyn(given)) return true;
  return (
    isNullable(declared, given) ||
    (declared.name === given.name &&
      declared.parameters.length === given.parameters.length &&
      declared.parameters.every((parameter, i) =>
        isAssignable(bindings, parameter, given.parameters[i] ?? celTypes.dyn),
      ))
  );
}

/** Null is a value of every type that is no plain one. */
function isNullable(declared: CelType, given: CelType): boolean {
  return given.name === 'null_type' && (isAbstract(declared) || declared.name.startsWith('google.protobuf.'));
}

const plainNames: ReadonlySet<string> = new Set([
  'bool',
  'bytes',
  'double',
  'int',
  'list',
  'map',
  'null_type',
  'optional_type',
  'string',
  'type',
  'uint',
]);

const isAbstract = ({ name }: CelType): boolean => !plainNames.has(name) && !name.startsWith('google.protobuf.');

/** The more general of two types, undefined when neither takes the other. */
export function joinTypes(a: CelType, b: CelType): CelType | undefined {
  if (isFree(a)) return b;
  if (isFree(b)) return a;
  if (isDyn(a) || isDyn(b)) return celTypes.dyn;
  if (isNullable(a, b)) return a;
  if (isNullable(b, a)) return b;
  if (a.name !== b.name || a.parameters.length !== b.parameters.length) return undefined;
  const parameters: CelType[] = [];
  for (const [i, parameter] of a.parameters.entries()) {
    const joined = joinTypes(parameter, b.parameters[i] ?? celTypes.dyn);
    if (joined === undefined) return undefined;
    parameters.push(joined);
  }
  return parameters.length === 0 ? a : { name: a.name, parameters };
}

/** With parameters replaced by what they stand for; one that stands for nothing stays free. */
export function substitute(bindings: Bindings, type: CelType): CelType {
  if (type.isParameter === true) return bindings.get(type.name) ?? celTypes.free;
  if (type.parameters.length === 0) return type;
  return { name: type.name, parameters: type.parameters.map((parameter) => substitute(bindings, parameter)) };
}
