import type { GroupVersionKind } from '@reckon/api/machinery';
import type { ResourceRow } from '../resource-row';
import type { Dialect, Ref } from './dialect';
import { operationDescription } from './operation-description';
import { operationId, tagOf } from './operation-id';
import { parametersOf, queryParameter } from './parameters';
import { basePath, methods, type PathItem, placeParameters, typesOf, unauthorized } from './path-item';
import { isStream } from './stream-paths';

/** References to schemas: of kinds, and of what verbs take and give. */
export interface PathSchemas {
  kind(kind: GroupVersionKind): Ref;
  list(row: ResourceRow): Ref;
  readonly deleteOptions: Ref;
  readonly status: Ref;
  readonly patch: Ref;
}

/** `action` as `x-kubernetes-action` has it. */
const actions: Readonly<Record<string, string>> = { create: 'post', update: 'put' };

const patchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];

/** The paths of one resource with the operations that its verbs give it. */
export function pathsOf(row: ResourceRow, schemas: PathSchemas, dialect: Dialect): Record<string, PathItem> {
  const base = basePath(row);
  const namespace = row.namespaced ? (['namespace'] as const) : [];
  const collection = `${base}${row.namespaced ? '/namespaces/{namespace}' : ''}/${row.resource}`;
  const item = `${collection}/{name}`;
  const paths: Record<string, PathItem> = {};
  const add = (
    path: string,
    verbs: readonly string[],
    names: readonly ('name' | 'namespace')[],
    of: OperationOf,
  ): void => {
    if (verbs.length === 0) return;
    const operations: PathItem = { parameters: placeParameters(row, dialect, names) };
    for (const verb of verbs) operations[methods[verb] ?? verb] = of(verb);
    paths[path] = operations;
  };
  const served = (...verbs: string[]): string[] => verbs.filter((verb) => row.verbs.includes(verb));
  const own = (verb: string): object => operation({ verb, row, kind: row, schemas, dialect });
  add(collection, served('list', 'create', 'deletecollection'), namespace, own);
  add(item, served('get', 'update', 'patch', 'delete'), ['name', ...namespace], own);
  if (row.namespaced) {
    add(`${base}/${row.resource}`, served('list'), [], (verb) =>
      operation({ verb, row, kind: row, schemas, dialect, isAcrossNamespaces: true }),
    );
  }
  for (const sub of row.subresources) {
    if (isStream(sub)) continue;
    add(`${item}/${sub.name}`, sub.verbs, ['name', ...namespace], (verb) =>
      operation({ verb, row, kind: sub, schemas, dialect, subresource: sub.name }),
    );
  }
  return paths;
}

type OperationOf = (verb: string) => object;

interface ResourceOperation {
  readonly verb: string;
  readonly row: ResourceRow;
  /** What is sent and answered: the row's, or a subresource's. */
  readonly kind: GroupVersionKind;
  readonly schemas: PathSchemas;
  readonly dialect: Dialect;
  readonly subresource?: string;
  readonly isAcrossNamespaces?: true;
}

function operation({
  verb,
  row,
  kind,
  schemas,
  dialect,
  subresource = '',
  isAcrossNamespaces,
}: ResourceOperation): object {
  const body = bodyOf(verb, kind, schemas);
  return dialect.operation({
    tag: tagOf(row),
    description: operationDescription({ verb, row, subresource }),
    operationId: operationId({
      verb,
      row,
      subresource,
      ...(isAcrossNamespaces === true ? { isAcrossNamespaces, suffix: 'ForAllNamespaces' } : {}),
    }),
    parameters: (parametersOf[verb] ?? []).map((name) => dialect.parameter(queryParameter(name))),
    ...(body === undefined ? {} : { body }),
    types: typesOf(row, verb === 'list' ? 'list' : 'object'),
    answers: answersOf(
      verb,
      verb === 'list'
        ? schemas.list(row)
        : verb === 'delete' || verb === 'deletecollection'
          ? schemas.status
          : schemas.kind(kind),
    ),
    action: actions[verb] ?? verb,
    kind,
  });
}

const phrases: Readonly<Record<number, string>> = { 200: 'OK', 201: 'Created', 202: 'Accepted' };
const successes: Readonly<Record<string, readonly number[]>> = {
  create: [200, 201, 202],
  update: [200, 201],
  patch: [200, 201],
  delete: [200, 202],
};

const answersOf = (verb: string, schema: Ref): { code: number; description: string; schema?: Ref }[] => [
  ...(successes[verb] ?? [200]).map((code) => ({ code, description: phrases[code] ?? '', schema })),
  unauthorized,
];

type Body = { readonly types: readonly string[]; readonly schema: Ref; readonly isRequired: boolean };

function bodyOf(verb: string, kind: GroupVersionKind, schemas: PathSchemas): Body | undefined {
  switch (verb) {
    case 'create':
    case 'update':
      return { types: ['*/*'], schema: schemas.kind(kind), isRequired: true };
    case 'patch':
      return { types: patchTypes, schema: schemas.patch, isRequired: true };
    case 'delete':
    case 'deletecollection':
      return { types: ['*/*'], schema: schemas.deleteOptions, isRequired: false };
    default:
      return undefined;
  }
}
