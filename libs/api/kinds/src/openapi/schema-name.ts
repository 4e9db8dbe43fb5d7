import type { GroupVersionKind } from '@reckon/api/machinery';

const homes: Readonly<Record<string, string>> = {
  meta: 'io.k8s.apimachinery.pkg.apis.meta',
  api: 'io.k8s.apimachinery.pkg.api',
  pkg: 'io.k8s.apimachinery.pkg',
  util: 'io.k8s.apimachinery.pkg.util',
  apiextensions: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions',
  apiregistration: 'io.k8s.kube-aggregator.pkg.apis.apiregistration',
};

/** `core/v1.Pod` → `io.k8s.api.core.v1.Pod`: how OpenAPI names a struct of the table of kinds. */
export function schemaName(struct: string): string {
  const slash = struct.indexOf('/');
  // Types made at run time have plain names.
  if (slash === -1) return struct;
  const group = struct.slice(0, slash);
  return `${homes[group] ?? `io.k8s.api.${group}`}.${struct.slice(slash + 1)}`;
}

/** How upstream names a kind that a CustomResourceDefinition made: `example.com/v1 Widget` → `com.example.v1.Widget`. */
export const customSchemaName = ({ group, version, kind }: GroupVersionKind): string =>
  [...group.split('.').reverse(), version, kind].join('.');

/** Types that are not structs, by the names under which they are documented; `schemaName` makes of them those that upstream publishes. */
export const customTypes = {
  time: 'meta/v1.Time',
  microTime: 'meta/v1.MicroTime',
  duration: 'meta/v1.Duration',
  fieldsV1: 'meta/v1.FieldsV1',
  quantity: 'api/resource.Quantity',
  intOrString: 'util/intstr.IntOrString',
  rawExtension: 'pkg/runtime.RawExtension',
  json: 'apiextensions/v1.JSON',
  schemaOrBool: 'apiextensions/v1.JSONSchemaPropsOrBool',
  schemaOrArray: 'apiextensions/v1.JSONSchemaPropsOrArray',
  schemaOrStrings: 'apiextensions/v1.JSONSchemaPropsOrStringArray',
} as const;

export type CustomSchema = keyof typeof customTypes;

/** What those of them are that both versions of OpenAPI say alike. */
export const plainBodies = {
  time: { type: 'string', format: 'date-time' },
  microTime: { type: 'string', format: 'date-time' },
  duration: { type: 'string' },
  fieldsV1: { type: 'object' },
  rawExtension: { type: 'object' },
  json: {},
  schemaOrBool: {},
  schemaOrArray: {},
  schemaOrStrings: {},
} as const satisfies Partial<Record<CustomSchema, object>>;
