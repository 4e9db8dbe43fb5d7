import { createKindRegistry, createOpenapi, swaggerDocument } from '@reckon/api/kinds';
import { describe, expect, it } from 'vitest';
import { fieldDescriptions } from './field-descriptions';

interface Schema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, { readonly description?: string }>>;
}

/** What has no comment in upstream's own types: properties, by the end of their schema's name. */
const uncommented: Readonly<Record<string, readonly string[]>> = {
  'certificates.v1.CertificateSigningRequest': ['metadata'],
  'certificates.v1.CertificateSigningRequestList': ['metadata'],
  'networking.v1.IngressRule': ['http'],
  'apiextensions.v1.ExternalDocumentation': ['description', 'url'],
  'apiextensions.v1.JSONSchemaProps': [
    ...['$ref', '$schema', 'additionalItems', 'additionalProperties', 'allOf', 'anyOf', 'definitions', 'dependencies'],
    ...['description', 'enum', 'example', 'exclusiveMaximum', 'exclusiveMinimum', 'externalDocs', 'id', 'items'],
    ...['maxItems', 'maxLength', 'maxProperties', 'maximum', 'minItems', 'minLength', 'minProperties', 'minimum'],
    ...['multipleOf', 'not', 'nullable', 'oneOf', 'pattern', 'patternProperties', 'properties', 'required', 'title'],
    ...['type', 'uniqueItems'],
  ],
  'meta.v1.WatchEvent': ['type'],
  'version.Info': [...['buildDate', 'compiler', 'gitCommit', 'gitTreeState', 'gitVersion', 'goVersion', 'platform']],
};

/** Upstream describes it, but no package that the build reads has the text. */
const unpublished = 'api.resource.Quantity';

const expected = [
  `io.k8s.apimachinery.pkg.${unpublished}`,
  ...Object.entries(uncommented).flatMap(([schema, fields]) => fields.map((field) => `${schema}#${field}`)),
];

/** `<schema>` or `<schema>#<property>` of what has no description. */
const undescribed = (schemas: Readonly<Record<string, object>>): string[] =>
  Object.entries(schemas as Readonly<Record<string, Schema>>).flatMap(([name, { description, properties = {} }]) => [
    ...(description === undefined ? [name] : []),
    ...Object.entries(properties)
      .filter(([, property]) => property.description === undefined)
      .map(([property]) => `${name}#${property}`),
  ]);

/** An expectation names the end of a schema's name. */
const unexpected = (found: readonly string[]): string[] =>
  found.filter((name) => !expected.some((end) => name === end || name.endsWith(`.${end}`)));
const notFound = (found: readonly string[]): string[] =>
  expected.filter((end) => !found.some((name) => name === end || name.endsWith(`.${end}`)));

describe('the descriptions that the build wrote', () => {
  const kinds = createKindRegistry();
  const describeField = fieldDescriptions();

  it('are of all that OpenAPI v2 defines, but for what upstream left without', () => {
    const { definitions } = swaggerDocument(kinds, { version: 'v1', describe: describeField });
    const found = undescribed(definitions);
    expect([unexpected(found), notFound(found)]).toEqual([[], []]);
  });

  it('are of all that OpenAPI v3 defines, but for what upstream left without', () => {
    const openapi = createOpenapi(kinds, { describe: describeField });
    const { paths } = JSON.parse(openapi.index().bytes.toString()) as { paths: object };
    const found = new Set<string>();
    for (const path of Object.keys(paths)) {
      const text = openapi.document(path)?.bytes.toString() ?? '';
      const { components } = JSON.parse(text) as { components: { schemas: Record<string, object> } };
      for (const name of undescribed(components.schemas)) found.add(name);
    }
    expect(unexpected([...found])).toEqual([]);
  });

  it('tell of apiVersion and kind what TypeMeta says', () => {
    expect(describeField('meta/v1.TypeMeta', 'apiVersion')).toMatch(/^APIVersion defines the versioned schema/);
    expect(describeField('meta/v1.TypeMeta', 'kind')).toMatch(/^Kind is a string value representing the REST resource/);
  });
});
