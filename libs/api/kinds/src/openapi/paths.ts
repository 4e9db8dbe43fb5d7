import type { GroupVersionKind } from '@reckon/api/machinery';
import type { ResourceRow, SubresourceRow } from '../resource-row';
import { parametersOf, pathParameter, queryParameter } from './parameters';

export interface Ref {
  readonly $ref: string;
}

/** References to schemas: of kinds, and of what verbs take and give. */
export interface PathSchemas {
  kind(kind: GroupVersionKind): Ref;
  list(row: ResourceRow): Ref;
  readonly deleteOptions: Ref;
  readonly status: Ref;
  readonly patch: Ref;
}

const methods: Readonly<Record<string, string>> = {
  get: 'get',
  list: 'get',
  create: 'post',
  update: 'put',
  patch: 'patch',
  delete: 'delete',
  deletecollection: 'delete',
};

/** `action` as `x-kubernetes-action` has it. */
const actions: Readonly<Record<string, string>> = { create: 'post', update: 'put' };

const objectTypes = ['application/json', 'application/yaml'];
const listTypes = [...objectTypes, 'application/json;stream=watch'];
const patchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
];

/** `connect` has no schema: these subresources stream. */
const isStream = (sub: SubresourceRow): boolean => sub.kind.endsWith('Options') || sub.name === 'log';

type Operations = Record<string, unknown>;

/** The paths of one resource with the operations that its verbs give it. */
export function pathsOf(row: ResourceRow, schemas: PathSchemas): Record<string, Operations> {
  const base = row.group === '' ? `/api/${row.version}` : `/apis/${row.group}/${row.version}`;
  const scope = row.namespaced ? '/namespaces/{namespace}' : '';
  const collection = `${base}${scope}/${row.resource}`;
  const item = `${collection}/{name}`;
  const parameters = {
    scope: row.namespaced ? [pathParameter('namespace', 'The namespace.')] : [],
    name: [pathParameter('name', `The name of the ${row.kind}.`)],
  };
  const paths: Record<string, Operations> = {};
  const add = (path: string, verbs: readonly string[], pathParameters: readonly object[], of: OperationOf): void => {
    const served = verbs.filter((verb) => row.verbs.includes(verb));
    if (served.length === 0) return;
    const operations: Operations = { parameters: [...pathParameters, queryParameter('pretty')] };
    for (const verb of served) operations[methods[verb] ?? verb] = of(verb);
    paths[path] = operations;
  };
  const own = (verb: string): object => operation(verb, row, row, schemas, '');
  add(collection, ['list', 'create', 'deletecollection'], parameters.scope, own);
  add(item, ['get', 'update', 'patch', 'delete'], [...parameters.scope, ...parameters.name], own);
  if (row.namespaced) add(`${base}/${row.resource}`, ['list'], [], own);
  for (const sub of row.subresources) {
    if (isStream(sub)) continue;
    const operations: Operations = {
      parameters: [...parameters.scope, ...parameters.name, queryParameter('pretty')],
    };
    for (const verb of sub.verbs) operations[methods[verb] ?? verb] = operation(verb, row, sub, schemas, sub.name);
    paths[`${item}/${sub.name}`] = operations;
  }
  return paths;
}

type OperationOf = (verb: string) => object;

function operation(
  verb: string,
  row: ResourceRow,
  kind: GroupVersionKind,
  schemas: PathSchemas,
  subresource: string,
): object {
  const action = actions[verb] ?? verb;
  const answer =
    verb === 'list'
      ? schemas.list(row)
      : verb === 'delete' || verb === 'deletecollection'
        ? schemas.status
        : schemas.kind(kind);
  const body = bodyOf(verb, kind, schemas);
  const tag = `${row.group === '' ? 'core' : (row.group.split('.')[0] ?? '')}_${row.version}`;
  return {
    tags: [tag],
    operationId: `${action}_${tag}_${row.namespaced ? 'namespaced_' : ''}${row.kind}${subresource === '' ? '' : `_${subresource}`}`,
    parameters: (parametersOf[verb] ?? []).map(queryParameter),
    ...(body === undefined ? {} : { requestBody: body }),
    responses: {
      '200': { description: 'OK', content: contentOf(verb === 'list' ? listTypes : objectTypes, answer) },
      ...(verb === 'create' ? { '201': { description: 'Created', content: contentOf(objectTypes, answer) } } : {}),
      '401': { description: 'Unauthorized' },
    },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group: kind.group, kind: kind.kind, version: kind.version },
  };
}

function bodyOf(verb: string, kind: GroupVersionKind, schemas: PathSchemas): object | undefined {
  switch (verb) {
    case 'create':
    case 'update':
      return { required: true, content: contentOf(['*/*'], schemas.kind(kind)) };
    case 'patch':
      return { required: true, content: contentOf(patchTypes, schemas.patch) };
    case 'delete':
    case 'deletecollection':
      return { content: contentOf(['*/*'], schemas.deleteOptions) };
    default:
      return undefined;
  }
}

const contentOf = (types: readonly string[], schema: Ref): Record<string, object> =>
  Object.fromEntries(types.map((type) => [type, { schema }]));
