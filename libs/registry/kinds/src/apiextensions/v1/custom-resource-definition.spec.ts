import { describe, expect, it } from 'vitest';
import { changed, runCreate, runUpdate } from '../../testing/run-strategy';

const key = 'apiextensions.k8s.io/customresourcedefinitions';
const given = {
  metadata: { name: 'widgets.example.com', resourceVersion: '7' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', kind: 'Widget' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: { type: 'object', properties: { size: { type: 'integer' }, tag: { type: 'string' } } },
            },
          },
        },
      },
    ],
  },
};
const version = 'spec.versions.0';
const second = { ...given.spec.versions[0], name: 'v2', storage: false, subresources: { status: {} } };
type Changes = Record<string, unknown>;
const make = (changes: Changes = {}): ReturnType<typeof runCreate> => runCreate(key, changed(given, changes));

const label = (what: string): string =>
  `${what}a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')`;

describe('a definition of custom resources', () => {
  it('gets what its kind implies, and nothing of a status', () => {
    expect(make({ status: { storedVersions: ['x'], acceptedNames: { plural: 'x', kind: 'X' } } }).object).toMatchObject(
      {
        metadata: { generation: 1 },
        spec: { names: { singular: 'widget', listKind: 'WidgetList' }, conversion: { strategy: 'None' } },
        status: { conditions: null, acceptedNames: { plural: '', kind: '' }, storedVersions: ['v1'] },
      },
    );
  });

  it.each<[Changes, ...string[]]>([
    [{}],
    [
      { 'metadata.name': 'other.example.com' },
      'metadata.name: Invalid value: "other.example.com": must be spec.names.plural+"."+spec.group',
    ],
    [
      { 'spec.group': '' },
      'metadata.name: Invalid value: "widgets.example.com": must be spec.names.plural+"."+spec.group',
      'spec.group: Required value',
    ],
    [
      { 'metadata.name': 'widgets.example', 'spec.group': 'example' },
      'spec.group: Invalid value: "example": should be a domain with at least one dot',
    ],
    [{ 'spec.scope': '' }, 'spec.scope: Required value'],
    [{ 'spec.scope': 'World' }, 'spec.scope: Unsupported value: "World": supported values: "Cluster", "Namespaced"'],
    [{ [`${version}.schema`]: undefined }, 'spec.versions[0].schema.openAPIV3Schema: Required value'],
    [
      { [`${version}.name`]: '1' },
      `spec.versions[0].name: Invalid value: "1": ${label('')}`,
      `spec.version: Invalid value: "1": ${label('')}`,
    ],
    [
      { 'spec.preserveUnknownFields': true },
      'spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
    ],
    [
      { 'spec.names.plural': '', 'spec.names.kind': '', 'metadata.name': '.example.com' },
      'spec.names.plural: Required value',
      'spec.names.singular: Required value',
      'spec.names.kind: Required value',
      'spec.names.listKind: Required value',
    ],
    [
      { 'spec.names.kind': 'Wid_get', 'spec.names.shortNames': ['W'], 'spec.names.categories': ['A'] },
      `spec.names.singular: Invalid value: "wid_get": ${label('')}`,
      `spec.names.kind: Invalid value: "Wid_get": ${label('may have mixed case, but should otherwise match: ')}`,
      `spec.names.listKind: Invalid value: "Wid_getList": ${label('may have mixed case, but should otherwise match: ')}`,
      `spec.names.shortNames[0]: Invalid value: "W": ${label('')}`,
      `spec.names.categories[0]: Invalid value: "A": ${label('')}`,
    ],
    [
      { 'spec.names.listKind': 'Widget' },
      'spec.names.listKind: Invalid value: "Widget": kind and listKind may not be the same',
    ],
    [
      { [`${version}.deprecationWarning`]: 'old' },
      'spec.versions[0].deprecationWarning: Invalid value: "old": can only be set for deprecated versions',
    ],
    [
      { [`${version}.deprecated`]: true, [`${version}.deprecationWarning`]: 'a\tb' },
      'spec.versions[0].deprecationWarning: Invalid value: "a\\tb": must only contain printable UTF-8 characters; non-printable character found at index 1',
    ],
    [
      { [`${version}.deprecated`]: true, [`${version}.deprecationWarning`]: 'x'.repeat(257) },
      `spec.versions[0].deprecationWarning: Invalid value: "${'x'.repeat(257)}": must be <= 256 characters long`,
    ],
    [{ [`${version}.deprecated`]: true, [`${version}.deprecationWarning`]: 'x'.repeat(256) }],
    [
      {
        'spec.preserveUnknownFields': true,
        [`${version}.schema.openAPIV3Schema.properties.spec.properties.tag.default`]: 'x',
      },
      'spec.preserveUnknownFields: Invalid value: true: must be false in order to use defaults in the schema',
      'spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
    ],
    [
      {
        'spec.preserveUnknownFields': true,
        'spec.conversion': {
          strategy: 'Webhook',
          webhook: { clientConfig: { url: 'https://x.example' }, conversionReviewVersions: ['v1'] },
        },
      },
      'spec.conversion.strategy: Invalid value: "Webhook": must be None if spec.preserveUnknownFields is true',
      'spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
    ],
    [
      { [`${version}.schema`]: undefined, [`${version}.selectableFields`]: [{ jsonPath: '.spec.tag' }] },
      'spec.versions[0].schema.openAPIV3Schema: Required value',
      'spec.selectableFields: Invalid value: "": selectableFields may only be set when validations.schema is included',
    ],
    [
      {
        'spec.versions.1': second,
        [`${version}.schema`]: undefined,
        [`${version}.selectableFields`]: [{ jsonPath: '.spec.tag' }],
      },
      'spec.versions[0].schema.openAPIV3Schema: Required value',
      // Upstream says "not" where it means the contrary.
      'spec.versions[0].selectableFields: Invalid value: "": selectableFields may only be set when version.schema.openAPIV3Schema is not included',
    ],
    [
      {
        [`${version}.schema.openAPIV3Schema.properties.metadata`]: {
          type: 'object',
          properties: { name: { type: 'string' } },
        },
        [`${version}.selectableFields`]: [{ jsonPath: '.metadata.name' }, { jsonPath: '.spec.' }],
      },
      'spec.selectableFields[0].jsonPath: Invalid value: ".metadata.name": must not point to fields in metadata',
      'spec.selectableFields[1].jsonPath: Invalid value: ".spec.": is an invalid path: unexpected end of JSON path',
    ],
    [
      { [`${version}.deprecated`]: true, [`${version}.deprecationWarning`]: '' },
      'spec.versions[0].deprecationWarning: Invalid value: "": must not be an empty string',
    ],
    [
      { [`${version}.additionalPrinterColumns`]: [{ name: '', type: 'text', format: 'x', jsonPath: 'spec' }] },
      'spec.additionalPrinterColumns[0].name: Required value',
      'spec.additionalPrinterColumns[0].type: Invalid value: "text": must be one of boolean,date,integer,number,string',
      'spec.additionalPrinterColumns[0].format: Invalid value: "x": must be one of byte,date,date-time,double,float,int32,int64,password',
      'spec.additionalPrinterColumns[0].JSONPath: Invalid value: "spec": must be a simple json path starting with .',
    ],
    [
      { [`${version}.additionalPrinterColumns`]: [{ name: 'a', type: '', jsonPath: '' }] },
      'spec.additionalPrinterColumns[0].type: Required value: must be one of boolean,date,integer,number,string',
      'spec.additionalPrinterColumns[0].JSONPath: Required value',
    ],
    [
      { [`${version}.subresources`]: { scale: { specReplicasPath: '.status.n', statusReplicasPath: '' } } },
      'spec.subresources.scale.specReplicasPath: Invalid value: ".status.n": should be a json path under .spec',
      'spec.subresources.scale.statusReplicasPath: Required value',
    ],
    [
      {
        [`${version}.subresources`]: {
          scale: { specReplicasPath: '.spec.n', statusReplicasPath: 'n', labelSelectorPath: '.meta' },
        },
      },
      'spec.subresources.scale.statusReplicasPath: Invalid value: "n": must be a simple json path starting with .',
      'spec.subresources.scale.labelSelectorPath: Invalid value: ".meta": should be a json path under either .spec or .status',
    ],
    [{ [`${version}.selectableFields`]: [{ jsonPath: '.spec.size' }, { jsonPath: '.spec.tag' }] }],
    [
      {
        [`${version}.selectableFields`]: [
          { jsonPath: '' },
          { jsonPath: '.spec' },
          { jsonPath: '.spec.none' },
          { jsonPath: 'spec' },
          { jsonPath: ".spec['size']" },
          { jsonPath: '.spec.size' },
          { jsonPath: '.spec.size' },
        ],
      },
      'spec.selectableFields[0].jsonPath: Required value',
      'spec.selectableFields[1].jsonPath: Invalid value: ".spec": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
      'spec.selectableFields[2].jsonPath: Invalid value: ".spec.none": is an invalid path: does not refer to a valid field',
      'spec.selectableFields[3].jsonPath: Invalid value: "spec": is an invalid path: expected [ or . but got: spec',
      'spec.selectableFields[4].jsonPath: Invalid value: ".spec[\'size\']": is an invalid path: array notation is not allowed',
      'spec.selectableFields[6].jsonPath: Duplicate value: ".spec.size"',
    ],
    [
      { 'spec.conversion': { strategy: 'Maybe' } },
      'spec.conversion.strategy: Unsupported value: "Maybe": supported values: "None", "Webhook"',
    ],
    [
      {
        'spec.conversion': {
          strategy: 'None',
          webhook: { clientConfig: { url: 'https://x' }, conversionReviewVersions: ['v1'] },
        },
      },
      'spec.conversion.webhookClientConfig: Forbidden: should not be set when strategy is not set to Webhook',
      'spec.conversion.conversionReviewVersions: Forbidden: should not be set when strategy is not set to Webhook',
    ],
    [
      { 'spec.conversion': { strategy: 'Webhook' } },
      'spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook',
      'spec.conversion.conversionReviewVersions: Required value',
    ],
    [
      {
        'spec.conversion': {
          strategy: 'Webhook',
          webhook: { clientConfig: {}, conversionReviewVersions: ['v2', 'v2'] },
        },
      },
      'spec.conversion.webhookClientConfig: Required value: exactly one of url or service is required',
      'spec.conversion.conversionReviewVersions[1]: Invalid value: "v2": duplicate version',
      'spec.conversion.conversionReviewVersions: Invalid value: ["v2","v2"]: must include at least one of v1, v1beta1',
    ],
    [
      {
        'spec.conversion': {
          strategy: 'Webhook',
          webhook: {
            // A bundle is looked at once somebody could be called.
            clientConfig: { service: { name: 'n', namespace: 's' }, caBundle: 'eA==' },
            conversionReviewVersions: ['v1'],
          },
        },
      },
    ],
    [
      {
        'metadata.name': 'widgets.x.k8s.io',
        'spec.group': 'x.k8s.io',
        'metadata.annotations': { 'api-approved.kubernetes.io': 'yes' },
      },
      'metadata.annotations[api-approved.kubernetes.io]: Invalid value: "yes": protected groups must have approval annotation "api-approved.kubernetes.io" with either a URL or a reason starting with "unapproved", see https://github.com/kubernetes/enhancements/pull/1111',
    ],
    [
      {
        'metadata.name': 'widgets.x.k8s.io',
        'spec.group': 'x.k8s.io',
        'metadata.annotations': { 'api-approved.kubernetes.io': 'https://x.io/1' },
      },
    ],
    [
      {
        'metadata.name': 'widgets.x.k8s.io',
        'spec.group': 'x.k8s.io',
        'metadata.annotations': { 'api-approved.kubernetes.io': 'unapproved, test' },
      },
    ],
  ])('with %j', (changes, ...messages) => {
    expect(make(changes).refusals).toEqual(messages);
  });

  it('with versions that differ is told of each, in the form that upstream holds them in', () => {
    const both = make({ 'spec.versions': [given.spec.versions[0], second] });
    expect(both.refusals).toEqual([]);
    const refusals = make({
      'spec.versions': [
        { ...given.spec.versions[0], storage: false },
        { ...second, name: 'v1' },
      ],
    }).refusals;
    expect(refusals[0]).toContain('"Subresources":{"Status":{},"Scale":null},"AdditionalPrinterColumns":null');
    expect(refusals.map((text) => text.replace(/\[.*\]/, '[…]'))).toEqual([
      'spec.versions: Invalid value: […]: must contain unique version names',
      'spec.versions: Invalid value: […]: must have exactly one version marked as storage version',
      'status.storedVersions: Invalid value: null: must have at least one stored version',
    ]);
  });

  it('with two versions to store is told of the one that it is not stored in', () => {
    const { refusals } = make({ 'spec.versions': [given.spec.versions[0], { ...second, storage: true }] });
    expect(refusals.map((text) => text.replace(/: \[\{.*\]/, ': […]'))).toEqual([
      'spec.versions: Invalid value: […]: must have exactly one version marked as storage version',
      'status.storedVersions: Invalid value: ["v1"]: must have the storage version v2',
    ]);
  });

  it.each<[string, unknown, string, string]>([
    [
      'x-kubernetes-preserve-unknown-fields',
      false,
      'x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or undefined',
      "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined",
    ],
    [
      'items',
      [{ type: 'string' }],
      'items: Forbidden: items must be a schema object and not an array',
      "OpenAPIV3Schema 'items' must be a schema, but is an array",
    ],
  ])('selects nothing by a schema whose %s is %j', (field, value, message, problem) => {
    const { refusals } = make({
      [`${version}.schema.openAPIV3Schema.properties.spec.${field}`]: value,
      [`${version}.selectableFields`]: [{ jsonPath: '.spec.tag' }],
    });
    expect(refusals.slice(0, 2)).toEqual([
      `spec.validation.openAPIV3Schema.properties[spec].${message}`,
      `spec.schema.openAPIV3Schema: Invalid value: "": ${problem}`,
    ]);
  });

  it('warns of formats that nobody looks at, once', () => {
    const properties = {
      a: { type: 'string', format: 'ip' },
      b: { type: 'integer', format: 'int64' },
      c: { type: 'string', format: 'date-time' },
      d: { type: 'number', format: 'int32' },
    };
    const changes = { [`${version}.schema.openAPIV3Schema.properties.spec.properties`]: properties };
    const { object, warnings } = make(changes);
    expect(warnings).toEqual(['unrecognized format "ip"', 'unrecognized format "int32"']);
    expect(runUpdate(key, object, object).warnings).toEqual([]);
  });
});

describe('an update of a definition', () => {
  const old = make().object;
  const update = (changes: Changes, before: object = old): ReturnType<typeof runUpdate> =>
    runUpdate(key, before, changed(before, changes));
  const established = changed(old, { 'status.conditions': [{ type: 'Established', status: 'True' }] });

  it.each<[Changes, ...string[]]>([
    [{ 'metadata.labels': { a: 'b' } }],
    [
      { 'spec.group': 'example.org', 'spec.names.plural': 'gadgets' },
      'spec.group: Invalid value: "example.org": field is immutable',
      'spec.names.plural: Invalid value: "gadgets": field is immutable',
    ],
    [{ 'spec.scope': 'Cluster', 'spec.names.kind': 'Gadget' }],
    [
      { [`${version}.name`]: 'v2' },
      'status.storedVersions[0]: Invalid value: "v1": missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1 and removes v1 from status.storedVersions',
    ],
  ])('with %j', (changes, ...messages) => {
    expect(update(changes).refusals).toEqual(messages);
  });

  it('leaves what is served as it is', () => {
    expect(update({ 'spec.scope': 'Cluster', 'spec.names.kind': 'Gadget' }, established).refusals).toEqual([
      'spec.scope: Invalid value: "Cluster": field is immutable',
      'spec.names.kind: Invalid value: "Gadget": field is immutable',
    ]);
    const webhook = { clientConfig: { url: 'https://x', caBundle: 'eA==' }, conversionReviewVersions: ['v1'] };
    expect(update({ 'spec.conversion': { strategy: 'Webhook', webhook } }, established).refusals).toEqual([
      'spec.conversion.webhookClientConfig.caBundle: Invalid value: "eA==": unable to load root certificates: data does not contain any valid RSA or ECDSA certificates',
    ]);
  });

  it('has roots that are certificates', () => {
    const caBundle = Buffer.from('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n').toString('base64');
    const webhook = { clientConfig: { url: 'https://x', caBundle }, conversionReviewVersions: ['v1'] };
    expect(update({ 'spec.conversion': { strategy: 'Webhook', webhook } }, established).refusals).toEqual([
      `spec.conversion.webhookClientConfig.caBundle: Invalid value: "${caBundle}": unable to load root certificates: x509: malformed certificate`,
    ]);
  });

  it('needs a schema for what is served, though others have none yet', () => {
    const schemaless = changed(old, { 'spec.preserveUnknownFields': true, [`${version}.schema`]: undefined });
    expect(update({ 'metadata.labels': { a: 'b' } }, schemaless).refusals).toEqual([]);
    expect(update({ 'spec.preserveUnknownFields': false }, schemaless).refusals).toEqual([
      'spec.versions[0].schema.openAPIV3Schema: Required value: because otherwise all fields are pruned',
    ]);
    expect(update({ 'spec.preserveUnknownFields': false, [`${version}.served`]: false }, schemaless).refusals).toEqual(
      [],
    );
  });

  it('remembers every version that objects were stored in, and counts changes', () => {
    const { object } = update({
      'spec.versions': [
        { ...given.spec.versions[0], storage: false },
        { ...second, storage: true },
      ],
    });
    expect(object).toMatchObject({ metadata: { generation: 2 }, status: { storedVersions: ['v1', 'v2'] } });
    expect(old).toMatchObject({ status: { storedVersions: ['v1'] } });
    expect(update({ 'status.storedVersions': [] }).object.metadata.generation).toBe(1);
  });

  it('may keep what later rules would refuse', () => {
    const schema = `${version}.schema.openAPIV3Schema.properties.spec`;
    const bad = changed(old, { 'spec.preserveUnknownFields': true, [schema]: { type: 'thing' } });
    expect(update({ 'metadata.labels': { a: 'b' } }, bad).refusals).toEqual([]);
    expect(update({ 'metadata.labels': { a: 'b' } }, old).refusals).toEqual([]);
    expect(update({ [schema]: { type: 'thing' } }).refusals).toEqual([
      'spec.validation.openAPIV3Schema.properties[spec].type: Unsupported value: "thing": supported values: "array", "boolean", "integer", "number", "object", "string"',
    ]);
  });

  it('of the status leaves the spec, and does not take what is behind a gate', () => {
    const { object, refusals } = runUpdate(
      key,
      old,
      changed(old, {
        'spec.scope': 'Cluster',
        'status.observedGeneration': 4,
        'status.acceptedNames': { plural: 'A', kind: 'W' },
        'status.conditions': [{ type: 'Established', status: 'True', observedGeneration: 4 }],
      }),
      'status',
    );
    expect(object).toMatchObject({ spec: { scope: 'Namespaced' } });
    expect(object['status']).toEqual({
      conditions: [{ type: 'Established', status: 'True' }],
      acceptedNames: { plural: 'A', kind: 'W' },
      storedVersions: ['v1'],
    });
    expect(refusals).toEqual([`status.acceptedNames.plural: Invalid value: "A": ${label('')}`]);
  });
});
