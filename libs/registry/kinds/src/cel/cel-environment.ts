import type { CelScope } from './cel-checker';
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
}

const { bool, bytes, double, duration, dyn, int, string, timestamp, uint } = celTypes;
const type = (name: string): CelType => objectType(`kubernetes.${name}`);
const strings = listOf(string);

/** apiserver/pkg/admission/plugin/cel `BuildRequestType`, `BuildNamespaceType`. */
const objects: Readonly<Record<string, Readonly<Record<string, CelType>>>> = {
  'kubernetes.AdmissionRequest': {
    kind: type('GroupVersionKind'),
    resource: type('GroupVersionResource'),
    subResource: string,
    requestKind: type('GroupVersionKind'),
    requestResource: type('GroupVersionResource'),
    requestSubResource: string,
    name: string,
    namespace: string,
    operation: string,
    userInfo: type('UserInfo'),
    dryRun: bool,
    options: dyn,
  },
  'kubernetes.GroupVersionKind': { group: string, version: string, kind: string },
  'kubernetes.GroupVersionResource': { group: string, version: string, resource: string },
  'kubernetes.UserInfo': { username: string, uid: string, groups: strings, extra: mapOf(string, strings) },
  'kubernetes.Namespace': {
    metadata: type('NamespaceMetadata'),
    spec: type('NamespaceSpec'),
    status: type('NamespaceStatus'),
  },
  'kubernetes.NamespaceMetadata': {
    name: string,
    generateName: string,
    namespace: string,
    labels: mapOf(string, string),
    annotations: mapOf(string, string),
    UID: string,
    creationTimestamp: timestamp,
    deletionGracePeriodSeconds: int,
    deletionTimestamp: timestamp,
    generation: int,
    resourceVersion: string,
    finalizers: strings,
  },
  'kubernetes.NamespaceSpec': { finalizers: strings },
  'kubernetes.NamespaceStatus': { conditions: listOf(type('NamespaceCondition')), phase: string },
  'kubernetes.NamespaceCondition': {
    status: string,
    type: string,
    lastTransitionTime: timestamp,
    message: string,
    reason: string,
  },
  JSONPatch: { op: string, path: string, from: string, value: dyn },
};

const typeNames: readonly (readonly [string, CelType])[] = [
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
];

const variablesType = 'kubernetes.variables';

/** Makes environments for the scopes of one cluster's expressions. */
export function celEnvironments(): (scope: CelScope) => CelEnvironment {
  const { plain, withPatches } = readFunctions();
  const common: readonly (readonly [string, CelType])[] = [
    ...typeNames.map(([name, of]) => [name, typeOf(of)] as const),
    ['object', dyn],
    ['oldObject', dyn],
    ['namespaceObject', type('Namespace')],
    ['request', type('AdmissionRequest')],
  ];
  return ({ hasParams, hasAuthorizer, hasPatchTypes = false, variables }) => ({
    functions: hasPatchTypes ? withPatches : plain,
    variables: new Map([
      ...common,
      ...(hasParams ? [['params', dyn] as const] : []),
      ...(hasAuthorizer
        ? ([
            ['authorizer', objectType('kubernetes.authorization.Authorizer')],
            ['authorizer.requestResource', objectType('kubernetes.authorization.ResourceCheck')],
          ] as const)
        : []),
      ...(variables === undefined ? [] : [['variables', objectType(variablesType)] as const]),
    ]),
    fieldsOf: (name) => {
      if (name === variablesType) return Object.fromEntries(variables ?? []);
      if (hasPatchTypes && (name === 'Object' || name.startsWith('Object.'))) return 'any';
      if (name === 'JSONPatch' && !hasPatchTypes) return undefined;
      return Object.hasOwn(objects, name) ? objects[name] : undefined;
    },
  });
}
