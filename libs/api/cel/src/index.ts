export { type CelEnvironment, type CelFields, environmentOf } from './check/cel-environment';
export * from './check/cel-type';
export type { SizeOfName } from './cost/estimate-cost';
export { type BoundedSchema, maxCardinality, sizedType, type SizedType } from './cost/sized-type';
export * from './evaluate/compile-cel';
export { celLazyFields } from './evaluate/lazy-fields';
export {
  type CelAuthorizationCheck,
  celAuthorizer,
  type CelAuthorizerSource,
  type CelDecision,
  CelPending,
  type CelResourceCheck,
} from './library/authorizer';
export { compileGoPattern, type GoPattern } from './regex/go-pattern';
export { createAdmissionCel } from './scope/admission-cel';
export { admissionEnvironment } from './scope/admission-environment';
export { claimsEnvironment, userEnvironment } from './scope/authentication-environment';
export { authorizationEnvironment, authorizationRequest } from './scope/authorization-environment';
export type { CelChecker, CelOutcome, CelScope } from './scope/cel-checker';
export { type CelDevice, celDevice, type DeviceAttribute } from './scope/device-variable';
export { deviceEnvironment, deviceSize } from './scope/device-environment';
export { escapeName } from './scope/escape-name';
export { type NamedSchema, type ObjectTypes, objectTypes } from './scope/object-types';
export { type CelSchema, schemaEnvironment, type SchemaScope } from './scope/schema-environment';
export { isCelIdentifier } from './syntax/cel-identifier';
export type { CelNode } from './syntax/cel-node';
export { parseCel } from './syntax/parse-cel';
export { celJson, CelJsonError } from './value/cel-json';
export type { CelValue } from './value/cel-value';
