import type { GroupVersionKind } from '@reckon/api/machinery';
import type { CustomSchema } from './schema-name';

export interface Ref {
  readonly $ref: string;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly type: 'string' | 'integer' | 'boolean';
  readonly description: string;
}

/** One method of one path, before either version of OpenAPI has given it its form. */
export interface Operation {
  readonly tag: string;
  readonly operationId: string;
  readonly description: string;
  /** Already in the dialect's form. */
  readonly parameters: readonly object[];
  readonly body?: { readonly types: readonly string[]; readonly schema: Ref; readonly isRequired: boolean };
  /** Media types of the answer. */
  readonly types: readonly string[];
  readonly answers: readonly { readonly code: number; readonly description: string; readonly schema?: object }[];
  /** As `x-kubernetes-action` has it; absent where the path is no resource. */
  readonly action?: string;
  readonly kind?: GroupVersionKind;
}

/** What differs between OpenAPI v2 and v3. Which schemas, paths and parameters there are is the same for both. */
export interface Dialect {
  ref(schemaName: string): Ref;
  /** The reference as a property or item has it, where other words may stand beside it. */
  embed(ref: Ref): Record<string, unknown>;
  /** Bodies of the types that are no structs. */
  readonly custom: Readonly<Record<CustomSchema, object>>;
  /** Upstream prunes defaults from v2 (k8s.io/kube-openapi/pkg/handler `PruneDefaults`). */
  readonly tellsDefaults: boolean;
  parameter(parameter: Parameter): object;
  operation(operation: Operation): object;
}

/** The extensions of an operation, the same in both. */
export const operationExtensions = ({ action, kind }: Operation): object => ({
  ...(action === undefined ? {} : { 'x-kubernetes-action': action }),
  ...(kind === undefined
    ? {}
    : { 'x-kubernetes-group-version-kind': { group: kind.group, kind: kind.kind, version: kind.version } }),
});
