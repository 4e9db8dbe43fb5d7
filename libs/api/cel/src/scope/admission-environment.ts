import { type CelEnvironment, type CelFields, environmentOf } from '../check/cel-environment';
import { celTypes, type CelType, listOf, mapOf, objectType } from '../check/cel-type';
import type { CelScope } from './cel-checker';

const { bool, dyn, int, string, timestamp } = celTypes;
const type = (name: string): CelType => objectType(`kubernetes.${name}`);
const strings = listOf(string);

/** apiserver/pkg/admission/plugin/cel `BuildRequestType`, `BuildNamespaceType`. */
const objects: Readonly<Record<string, CelFields>> = {
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
};

const patchObjects: Readonly<Record<string, CelFields>> = {
  Object: 'any',
  JSONPatch: { op: string, path: string, from: string, value: dyn },
};

const variablesType = 'kubernetes.variables';
const authorizerVariables: readonly (readonly [string, CelType])[] = [
  ['authorizer', objectType('kubernetes.authorization.Authorizer')],
  ['authorizer.requestResource', objectType('kubernetes.authorization.ResourceCheck')],
];

/** What expressions of policies and of webhooks' match conditions see (apiserver/pkg/admission/plugin/cel). */
export function admissionEnvironment(scope: CelScope): CelEnvironment {
  const { hasParams, hasAuthorizer, hasPatchTypes = false, variables, types } = scope;
  return environmentOf({
    variables: [
      ['object', types?.object ?? dyn],
      ['oldObject', types?.object ?? dyn],
      ['namespaceObject', type('Namespace')],
      ['request', type('AdmissionRequest')],
      ...(hasParams ? [['params', types?.params ?? dyn] as const] : []),
      ...(hasAuthorizer ? authorizerVariables : []),
      ...(variables === undefined ? [] : [['variables', objectType(variablesType)] as const]),
    ],
    objects: {
      ...objects,
      ...types?.objects,
      ...(hasPatchTypes ? patchObjects : {}),
      ...(variables === undefined ? {} : { [variablesType]: Object.fromEntries(variables) }),
    },
    hasPatchFunctions: hasPatchTypes,
    // Times are texts, and `UID`, which is declared, is nowhere (`convertObjectToUnstructured`).
    isRaw: true,
  });
}
