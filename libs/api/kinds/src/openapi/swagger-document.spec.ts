import { describe, expect, it } from 'vitest';
import { createKindRegistry } from '../kind-registry';
import { openStructType } from '../open-struct';
import { createOpenapi } from './openapi';
import { swaggerDocument } from './swagger-document';

interface Schema {
  readonly required?: string[];
  readonly properties?: Record<string, Record<string, unknown>>;
  readonly [word: string]: unknown;
}
interface Parameter {
  readonly $ref?: string;
  readonly name?: string;
}
interface Operation {
  readonly operationId: string;
  readonly parameters?: Parameter[];
  readonly [word: string]: unknown;
}
interface PathItem {
  readonly parameters?: Parameter[];
  readonly get?: Operation;
  readonly patch?: Operation;
}
interface Document {
  readonly paths: Record<string, PathItem>;
  readonly definitions: Record<string, Schema>;
  readonly parameters: Record<string, Parameter>;
  readonly [word: string]: unknown;
}

const kinds = createKindRegistry();
const text = JSON.stringify(
  swaggerDocument(kinds, {
    version: 'v1.36.2',
    describe: (struct, field) => (field === 'template' ? `about ${struct}` : ''),
  }),
);
const document = JSON.parse(text) as Document;
const { paths, definitions, parameters } = document;
const operations = Object.entries(paths).flatMap(([path, item]) =>
  Object.entries(item)
    .filter(([method]) => method !== 'parameters')
    .map(([method, operation]) => ({ path, method, operation: operation as Operation })),
);
const nameOf = (parameter: Parameter): string =>
  parameter.name ?? parameters[parameter.$ref?.replace('#/parameters/', '') ?? '']?.name ?? '';

describe('the OpenAPI v2 document', () => {
  it('is one for all that is served', () => {
    expect(Object.keys(document)).toEqual([
      'swagger',
      'info',
      'paths',
      'definitions',
      'parameters',
      'securityDefinitions',
      'security',
    ]);
    expect([document.swagger, document.info]).toEqual(['2.0', { title: 'Kubernetes', version: 'v1.36.2' }]);
    for (const { group, version, resource, namespaced } of kinds.resources()) {
      const base = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
      const path = `${base}/${namespaced ? 'namespaces/{namespace}/' : ''}${resource}`;
      expect(paths).toHaveProperty([path]);
      expect(paths).toHaveProperty([`${base}/`]);
    }
  });

  it('refers to nothing that is not there, and holds nothing that is not referred to', () => {
    const referred = new Set([...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map((found) => found[1] ?? ''));
    const held = [
      ...Object.keys(definitions).map((name) => `definitions/${name}`),
      ...Object.keys(parameters).map((name) => `parameters/${name}`),
    ];
    expect([...referred].sort()).toEqual(held.sort());
  });

  it('has the schemas of v3, and the same facts in them', () => {
    const openapi = createOpenapi(kinds);
    const fromV3: Record<string, Schema> = {};
    for (const path of Object.keys((JSON.parse(openapi.index().bytes.toString()) as { paths: object }).paths)) {
      const found = openapi.document(path);
      const { components } = JSON.parse(found?.bytes.toString() ?? '') as { components: { schemas: object } };
      Object.assign(fromV3, components.schemas);
    }
    expect(Object.keys(definitions).filter((name) => !Object.hasOwn(fromV3, name))).toEqual([]);
    for (const [name, { required, properties = {} }] of Object.entries(fromV3)) {
      const here = definitions[name];
      expect([name, here?.required, Object.keys(here?.properties ?? {})]).toEqual([
        name,
        required,
        Object.keys(properties),
      ]);
    }
  });

  it('marks kinds, merge keys and list types, and prunes defaults', () => {
    const pod = definitions['io.k8s.api.core.v1.Pod'];
    expect(pod?.['x-kubernetes-group-version-kind']).toEqual([{ group: '', kind: 'Pod', version: 'v1' }]);
    expect(pod?.properties?.spec).toEqual({ $ref: '#/definitions/io.k8s.api.core.v1.PodSpec' });
    expect(definitions['io.k8s.api.apps.v1.DeploymentSpec']?.properties?.template).toEqual({
      description: 'about apps/v1.DeploymentSpec',
      $ref: '#/definitions/io.k8s.api.core.v1.PodTemplateSpec',
    });
    expect(definitions['io.k8s.api.core.v1.Container']?.properties?.ports).toEqual({
      type: 'array',
      items: { $ref: '#/definitions/io.k8s.api.core.v1.ContainerPort' },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['containerPort', 'protocol'],
      'x-kubernetes-patch-strategy': 'merge',
      'x-kubernetes-patch-merge-key': 'containerPort',
    });
    expect(definitions['io.k8s.apimachinery.pkg.util.intstr.IntOrString']).toEqual({
      type: 'string',
      format: 'int-or-string',
    });
    expect(definitions['io.k8s.apimachinery.pkg.api.resource.Quantity']).toEqual({ type: 'string' });
    const words = new Set(
      Object.values(definitions).flatMap((d) => Object.values(d.properties ?? {}).flatMap(Object.keys)),
    );
    expect([...words].filter((word) => ['default', 'oneOf', 'allOf'].includes(word))).toEqual([]);
    const options = definitions['io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions'];
    expect(options?.['x-kubernetes-group-version-kind']).toHaveLength(kinds.groupVersions().length);
  });

  it('names operations as upstream does, each once', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
    const of = (path: string, method: string): string | undefined =>
      operations.find((each) => each.path === path && each.method === method)?.operation.operationId;
    const pods = '/api/v1/namespaces/{namespace}/pods';
    const roles = '/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}/roles';
    expect([
      of('/api/v1/pods', 'get'),
      of(pods, 'delete'),
      of(`${pods}/{name}`, 'put'),
      of(`${pods}/{name}/exec`, 'post'),
      of(`${pods}/{name}/proxy/{path}`, 'head'),
      of(`${pods}/{name}/log`, 'get'),
      of('/api/v1/watch/pods', 'get'),
      of('/api/v1/watch/namespaces/{namespace}/pods/{name}', 'get'),
      of(`${roles}/{name}`, 'patch'),
      of('/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale', 'put'),
      of('/api/', 'get'),
      of('/apis/apps/', 'get'),
      of('/apis/flowcontrol.apiserver.k8s.io/v1/', 'get'),
    ]).toEqual([
      'listCoreV1PodForAllNamespaces',
      'deleteCoreV1CollectionNamespacedPod',
      'replaceCoreV1NamespacedPod',
      'connectCoreV1PostNamespacedPodExec',
      'connectCoreV1HeadNamespacedPodProxyWithPath',
      'readCoreV1NamespacedPodLog',
      'watchCoreV1PodListForAllNamespaces',
      'watchCoreV1NamespacedPod',
      'patchRbacAuthorizationV1NamespacedRole',
      'replaceAppsV1NamespacedDeploymentScale',
      'getCoreAPIVersions',
      'getAppsAPIGroup',
      'getFlowcontrolApiserverV1APIResources',
    ]);
  });

  it('says of every operation what it does', () => {
    expect(operations.filter(({ operation }) => operation['description'] === '')).toEqual([]);
    expect(paths['/api/v1/pods']?.get?.['description']).toBe('list or watch objects of kind Pod');
    expect(paths['/version/']?.get?.['description']).toBe('get the version information for this server');
  });

  it('tells every placeholder of a path', () => {
    const untold = Object.entries(paths).filter(([path, item]) => {
      const told = (item.parameters ?? []).map(nameOf);
      return [...path.matchAll(/\{(\w+)\}/g)].some(([, name = '']) => !told.includes(name));
    });
    expect(untold.map(([path]) => path)).toEqual([]);
  });

  it('writes dryRun and fieldValidation out, for clients that do not follow references', () => {
    const { patch } = paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}'] ?? {};
    expect(patch?.parameters?.map(nameOf)).toEqual(['body', 'dryRun', 'fieldManager', 'fieldValidation', 'force']);
    expect(patch?.parameters?.flatMap(({ name }) => name ?? [])).toEqual(['dryRun', 'fieldValidation']);
    expect(patch?.consumes).toContain('application/strategic-merge-patch+json');
    expect(patch?.['x-kubernetes-group-version-kind']).toEqual({ group: 'apps', kind: 'Deployment', version: 'v1' });
    expect(patch?.['x-kubernetes-action']).toBe('patch');
  });

  it('says what answers can be written as: protobuf where the kind has such a form', () => {
    const types = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
    const streams = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'];
    const deployments = '/apis/apps/v1/namespaces/{namespace}/deployments';
    expect(paths[`${deployments}/{name}`]?.get?.produces).toEqual(types);
    expect(paths[deployments]?.get?.produces).toEqual([...types, ...streams]);
    const live = createKindRegistry({ serve: (row) => row.resource === 'configmaps' });
    const [row] = live.resources();
    if (row === undefined) throw new Error('no row');
    live.add({ ...row, group: 'example.com', resource: 'widgets', type: openStructType(live.types, 'Widget') });
    const open = swaggerDocument(live, { version: 'v1' }).paths as Document['paths'];
    expect(open['/apis/example.com/v1/namespaces/{namespace}/widgets']?.get?.produces).toEqual([
      'application/json',
      'application/yaml',
      'application/json;stream=watch',
    ]);
  });

  it('names kinds that no table describes after their group, so that two of one name do not meet', () => {
    const live = createKindRegistry({ serve: (row) => row.resource === 'configmaps' });
    const [row] = live.resources();
    if (row === undefined) throw new Error('no row');
    for (const group of ['example.com', 'example.org']) {
      live.add({
        ...row,
        group,
        resource: 'widgets',
        kind: 'Widget',
        listKind: 'WidgetList',
        storage: { group, version: 'v1', resource: 'widgets' },
        type: openStructType(live.types, 'Widget'),
      });
    }
    const names = Object.keys(swaggerDocument(live, { version: 'v1' }).definitions).filter((n) => n.includes('Widget'));
    expect(names).toEqual([
      'com.example.v1.Widget',
      'com.example.v1.WidgetList',
      'org.example.v1.Widget',
      'org.example.v1.WidgetList',
    ]);
  });
});
