import { functionLines, patchFunctionLines } from './cel-function-lines';
import { type CelFunctions, readFunctions } from './cel-functions';
import { celTypes, type CelType, listOf, mapOf, objectType, typeOf } from './cel-type';

/** The fields of an object type; `any`: of any name. */
export type CelFields = Readonly<Record<string, CelType>> | 'any';

/** What names mean to an expression. */
export interface CelEnvironment {
  readonly functions: CelFunctions;
  /** By qualified name: `object`, `authorizer.requestResource`. */
  readonly variables: ReadonlyMap<string, CelType>;
  /** Undefined for what is no object type. */
  fieldsOf(type: string): CelFields | undefined;
  /** The key that a field has in JSON, where it is not its name. */
  rawNameOf?(type: string, field: string): string;
  /** Types are only checked: at run time variables are the plain maps, lists and texts that they are given as. */
  readonly isRaw?: boolean;
  /** Whether `cel.bind` names a value. */
  readonly hasBind?: boolean;
}

const { bool, bytes, double, duration, dyn, int, string, timestamp, uint } = celTypes;

/** Types are values as well. */
const typeVariables: readonly (readonly [string, CelType])[] = (
  [
    ['bool', bool],
    ['bytes', bytes],
    ['double', double],
    ['duration', duration],
    ['dyn', dyn],
    ['int', int],
    ['list', listOf(dyn)],
    ['map', mapOf(dyn, dyn)],
    ['null_type', celTypes.null],
    ['string', string],
    ['timestamp', timestamp],
    ['type', typeOf(dyn)],
    ['uint', uint],
    ['google.protobuf.Duration', duration],
    ['google.protobuf.Timestamp', timestamp],
    ['optional_type', objectType('optional_type')],
    ['net.IP', objectType('net.IP')],
    ['net.CIDR', objectType('net.CIDR')],
  ] as const
).map(([name, of]) => [name, typeOf(of)]);

export interface EnvironmentParts {
  readonly variables: readonly (readonly [name: string, type: CelType])[];
  readonly objects?: Readonly<Record<string, CelFields>>;
  /** Mutations have functions of their own. */
  readonly hasPatchFunctions?: boolean;
  readonly hasBind?: boolean;
  readonly rawNameOf?: (type: string, field: string) => string;
  readonly isRaw?: boolean;
}

/** Makes environments; the table of functions is read for the first one, since most clusters have no expressions. */
function createEnvironments(): (parts: EnvironmentParts) => CelEnvironment {
  let plain: CelFunctions | undefined;
  let withPatches: CelFunctions | undefined;
  const plainFunctions = (): CelFunctions => (plain ??= readFunctions(functionLines));
  const patchFunctions = (): CelFunctions =>
    (withPatches ??= new Map([...plainFunctions(), ...readFunctions(patchFunctionLines)]));
  return ({ variables, objects = {}, hasPatchFunctions = false, hasBind, rawNameOf, isRaw }) => ({
    functions: hasPatchFunctions ? patchFunctions() : plainFunctions(),
    variables: new Map([...typeVariables, ...variables]),
    fieldsOf: (name) => {
      if (Object.hasOwn(objects, name)) return objects[name];
      return Object.hasOwn(objects, 'Object') && name.startsWith('Object.') ? 'any' : undefined;
    },
    ...(hasBind === undefined ? {} : { hasBind }),
    ...(rawNameOf === undefined ? {} : { rawNameOf }),
    ...(isRaw === undefined ? {} : { isRaw }),
  });
}

/** The one maker that the ready-made environments share; what it remembers is the same for everybody. */
export const environmentOf = createEnvironments();
