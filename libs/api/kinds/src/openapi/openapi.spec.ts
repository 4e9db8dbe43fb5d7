import { describe, expect, it } from 'vitest';
import { createKindRegistry } from '../kind-registry';
import { openStructType } from '../open-struct';
import { createOpenapi } from './openapi';

interface Schema {
  readonly type?: string;
  readonly properties?: Record<string, Record<string, unknown>>;
  readonly required?: string[];
  readonly [extension: string]: unknown;
}
interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, { parameters: { name: string }[]; [extension: string]: unknown }>>;
  readonly components: { readonly schemas: Record<string, Schema> };
}

const kinds = createKindRegistry();
const openapi = createOpenapi(kinds, {
  hasOpenid: true,
  describe: (struct, field) => (field === 'image' ? `about ${struct}` : ''),
});
const documentOf = (path: string): Document =>
  JSON.parse(openapi.document(path)?.bytes.toString() ?? 'null') as Document;

const pathsOf = (made: { index(): { readonly bytes: Buffer } }): string[] =>
  Object.keys((JSON.parse(made.index().bytes.toString()) as { paths: object }).paths);

describe('OpenAPI', () => {
  it('has a document for every group version, at a URL with its hash', () => {
    const { paths } = JSON.parse(openapi.index().bytes.toString()) as {
      paths: Record<string, { serverRelativeURL: string }>;
    };
    const groupVersions = kinds
      .groupVersions()
      .map(({ group, version }) => `${group === '' ? 'api' : `apis/${group}`}/${version}`);
    expect(Object.keys(paths)).toEqual(expect.arrayContaining(groupVersions));
    expect(paths['apis/apps/v1']?.serverRelativeURL).toBe(
      `/openapi/v3/apis/apps/v1?hash=${openapi.document('apis/apps/v1')?.hash ?? ''}`,
    );
    expect(openapi.document('apis/nope/v1')).toBeUndefined();
  });

  const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1.';
  it.each([
    ['api', 'getCoreAPIVersions', `${meta}APIVersions`],
    ['apis', 'getAPIVersions', `${meta}APIGroupList`],
    ['apis/apps', 'getAppsAPIGroup', `${meta}APIGroup`],
    ['version', 'getCodeVersion', 'io.k8s.apimachinery.pkg.version.Info'],
    ['.well-known/openid-configuration', 'getServiceAccountIssuerOpenIDConfiguration', ''],
    ['openid/v1/jwks', 'getServiceAccountIssuerOpenIDKeyset', ''],
  ])('has a document for %s', (path, operationId, schema) => {
    const { paths, components } = documentOf(path);
    expect(Object.keys(paths)).toEqual([`/${path}/`]);
    expect(paths[`/${path}/`]?.['get']).toMatchObject({ operationId, responses: { '200': {}, '401': {} } });
    if (schema === '') expect(components.schemas).toEqual({});
    else expect(components.schemas).toHaveProperty([schema]);
    expect(pathsOf(openapi)).toContain(path);
  });

  it('tells of tokens only where there are documents about them', () => {
    expect(pathsOf(createOpenapi(kinds)).filter((path) => path.includes('openid'))).toEqual([]);
  });

  it('tells in each group version how its resources are listed', () => {
    expect(documentOf('apis/apps/v1').paths['/apis/apps/v1/']?.['get']).toMatchObject({
      operationId: 'getAppsV1APIResources',
    });
    expect(documentOf('api/v1').paths['/api/v1/']?.['get']).toMatchObject({ operationId: 'getCoreV1APIResources' });
  });

  it('refers to nothing that is not there', () => {
    for (const path of pathsOf(openapi)) {
      const text = openapi.document(path)?.bytes.toString() ?? '';
      const { schemas } = (JSON.parse(text) as Document).components;
      const missing = [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)]
        .map((m) => m[1] ?? '')
        .filter((name) => !Object.hasOwn(schemas, name));
      expect([path, missing]).toEqual([path, []]);
    }
  });

  it('says what each verb takes, for clients that look before they send', () => {
    const { paths } = documentOf('api/v1');
    const item = paths['/api/v1/namespaces/{namespace}/configmaps/{name}'];
    expect(item?.patch?.parameters.map((p) => p.name)).toEqual(['dryRun', 'fieldManager', 'fieldValidation', 'force']);
    expect(item?.patch?.['x-kubernetes-group-version-kind']).toEqual({ group: '', kind: 'ConfigMap', version: 'v1' });
    expect(item?.patch?.['x-kubernetes-action']).toBe('patch');
    expect(item?.patch?.['description']).toBe('partially update the specified ConfigMap');
    expect(paths['/api/v1/namespaces/{namespace}/configmaps']?.post?.parameters.map((p) => p.name)).toEqual([
      'dryRun',
      'fieldManager',
      'fieldValidation',
    ]);
    expect(Object.keys(paths['/api/v1/configmaps'] ?? {})).toEqual(['parameters', 'get']);
    expect(
      paths['/api/v1/namespaces/{namespace}/pods/{name}/eviction']?.post?.['x-kubernetes-group-version-kind'],
    ).toEqual({ group: 'policy', kind: 'Eviction', version: 'v1' });
    const exec = paths['/api/v1/namespaces/{namespace}/pods/{name}/exec'];
    expect(exec?.post?.['x-kubernetes-action']).toBe('connect');
    expect(exec?.parameters).toContainEqual({
      name: 'tty',
      in: 'query',
      schema: { type: 'boolean', uniqueItems: true },
    });
  });

  it('marks kinds, merge keys, list types, formats and what is required', () => {
    const { schemas } = documentOf('apis/apps/v1').components;
    const deployment = schemas['io.k8s.api.apps.v1.Deployment'];
    expect(deployment?.['x-kubernetes-group-version-kind']).toEqual([
      { group: 'apps', kind: 'Deployment', version: 'v1' },
    ]);
    const spec = schemas['io.k8s.api.core.v1.PodSpec'];
    expect(spec?.required).toEqual(['containers']);
    expect(spec?.properties?.containers).toEqual({
      type: 'array',
      items: { allOf: [{ $ref: '#/components/schemas/io.k8s.api.core.v1.Container' }], default: {} },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      'x-kubernetes-patch-strategy': 'merge',
      'x-kubernetes-patch-merge-key': 'name',
    });
    expect(schemas['io.k8s.api.core.v1.Container']?.properties?.image).toEqual({
      type: 'string',
      description: 'about core/v1.Container',
    });
    expect(schemas['io.k8s.api.apps.v1.DeploymentSpec']?.properties?.replicas).toEqual({
      type: 'integer',
      format: 'int32',
    });
    expect(schemas['io.k8s.apimachinery.pkg.util.intstr.IntOrString']).toEqual({
      format: 'int-or-string',
      oneOf: [{ type: 'integer' }, { type: 'string' }],
    });
    expect(schemas['io.k8s.apimachinery.pkg.apis.meta.v1.Time']).toEqual({ type: 'string', format: 'date-time' });
  });

  it('has the old paths of watches, and the version it is told', () => {
    const { paths, components } = documentOf('apis/apps/v1');
    expect(paths['/apis/apps/v1/watch/namespaces/{namespace}/deployments/{name}']?.['get']).toMatchObject({
      operationId: 'watchAppsV1NamespacedDeployment',
      'x-kubernetes-action': 'watch',
    });
    expect(Object.keys(paths).filter((path) => path.endsWith('/watch/deployments'))).toHaveLength(1);
    expect(components.schemas).toHaveProperty(['io.k8s.apimachinery.pkg.apis.meta.v1.WatchEvent']);
    const versioned = createOpenapi(kinds, { version: '1.36' });
    for (const path of ['version', 'apis/apps/v1'])
      expect(JSON.parse(versioned.document(path)?.bytes.toString() ?? '')).toMatchObject({
        info: { title: 'Kubernetes', version: '1.36' },
      });
  });

  it('tells of which fields only one may be set', () => {
    const { schemas } = documentOf('apis/flowcontrol.apiserver.k8s.io/v1').components;
    expect(schemas['io.k8s.api.flowcontrol.v1.Subject']?.['x-kubernetes-unions']).toEqual([
      {
        discriminator: 'kind',
        'fields-to-discriminateBy': { group: 'Group', serviceAccount: 'ServiceAccount', user: 'User' },
      },
    ]);
    const core = Object.entries(documentOf('api/v1').components.schemas);
    expect(core.filter(([, schema]) => 'x-kubernetes-unions' in schema).map(([name]) => name)).toEqual([
      'io.k8s.api.core.v1.AppArmorProfile',
      'io.k8s.api.core.v1.PodSchedulingGroup',
      'io.k8s.api.core.v1.SeccompProfile',
    ]);
    expect(Object.fromEntries(core)['io.k8s.api.core.v1.PodSchedulingGroup']?.['x-kubernetes-unions']).toEqual([
      { 'fields-to-discriminateBy': { podGroupName: 'PodGroupName' } },
    ]);
  });

  it('tells as default what a Go server reads where nothing is said', () => {
    const { schemas } = documentOf('api/v1').components;
    const defaultOf = (schema: string, field: string): unknown =>
      schemas[`io.k8s.api.core.v1.${schema}`]?.properties?.[field]?.['default'];
    expect([
      defaultOf('Container', 'name'),
      defaultOf('Container', 'image'),
      defaultOf('Container', 'resources'),
      defaultOf('Container', 'livenessProbe'),
      defaultOf('ContainerPort', 'containerPort'),
      defaultOf('ContainerPort', 'protocol'),
      defaultOf('ContainerStatus', 'ready'),
      defaultOf('Event', 'eventTime'),
    ]).toEqual(['', undefined, {}, undefined, 0, 'TCP', false, undefined]);
    expect(schemas['io.k8s.api.core.v1.Container']?.properties?.['args']?.['items']).toEqual({
      type: 'string',
      default: '',
    });
    expect(schemas['io.k8s.api.core.v1.ConfigMap']?.properties?.['data']?.['additionalProperties']).toEqual({
      type: 'string',
      default: '',
    });
  });

  it('lists the values of an enumeration', () => {
    const text = 'One of two. Is it?\n\nPossible enum values:\n - `"A"` is one.\n   Really.\n - `""` is none.';
    const told = createOpenapi(kinds, { describe: (_, field) => (field === 'restartPolicy' ? text : '') });
    const { components } = JSON.parse(told.document('api/v1')?.bytes.toString() ?? '') as Document;
    const spec = components.schemas['io.k8s.api.core.v1.PodSpec']?.properties;
    expect(spec?.['restartPolicy']).toEqual({ type: 'string', description: text, enum: ['A', ''] });
    expect(spec?.['dnsPolicy']).not.toHaveProperty('enum');
  });

  it('follows the registry as it changes, with kinds that no table describes', () => {
    const live = createKindRegistry({ serve: (row) => row.resource === 'configmaps' });
    const documents = createOpenapi(live);
    const before = documents.index().etag;
    const [row] = live.resources();
    if (row === undefined) throw new Error('no row');
    const gvk = { group: 'example.com', version: 'v1' };
    live.add({
      ...row,
      ...gvk,
      resource: 'widgets',
      kind: 'Widget',
      listKind: 'WidgetList',
      storage: { ...gvk, resource: 'widgets' },
      type: openStructType(live.types, 'Widget'),
    });
    expect(documents.index().etag).not.toBe(before);
    const { components } = JSON.parse(documents.document('apis/example.com/v1')?.bytes.toString() ?? '') as Document;
    expect(components.schemas['com.example.v1.WidgetList']?.['x-kubernetes-group-version-kind']).toEqual([
      { ...gvk, kind: 'WidgetList' },
    ]);
    live.remove('example.com', 'v1', 'widgets');
    expect(documents.document('apis/example.com/v1')).toBeUndefined();
    expect(documents.index().etag).toBe(before);
  });
});
