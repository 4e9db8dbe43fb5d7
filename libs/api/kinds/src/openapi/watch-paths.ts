import type { ResourceRow } from '../resource-row';
import type { Dialect } from './dialect';
import { operationDescription } from './operation-description';
import { operationId, tagOf } from './operation-id';
import { parametersOf, queryParameter } from './parameters';
import { basePath, type PathItem, placeParameters, typesOf, unauthorized } from './path-item';
import type { SchemaCollector } from './schemas';

/** The old paths under `/watch/`, which are still served. */
export function watchPathsOf(row: ResourceRow, schemas: SchemaCollector, dialect: Dialect): Record<string, PathItem> {
  if (!row.verbs.includes('watch')) return {};
  const watchEvent = schemas.refer(schemas.types.struct('meta/v1.WatchEvent'), { ...row, kind: 'WatchEvent' });
  const base = `${basePath(row)}/watch`;
  const collection = `${base}${row.namespaced ? '/namespaces/{namespace}' : ''}/${row.resource}`;
  const namespace = row.namespaced ? (['namespace'] as const) : [];
  const options = (parametersOf.watch ?? []).map((name) => dialect.parameter(queryParameter(name)));
  const pathItem = (
    names: readonly ('name' | 'namespace')[],
    action: 'watch' | 'watchlist',
    form: { readonly suffix?: string; readonly isAcrossNamespaces?: true },
  ): PathItem => ({
    parameters: [...options, ...placeParameters(row, dialect, names)],
    get: dialect.operation({
      tag: tagOf(row),
      description: operationDescription({ verb: action, row }),
      operationId: operationId({ verb: 'watch', row, ...form }),
      parameters: [],
      types: typesOf(row, 'list'),
      answers: [{ code: 200, description: 'OK', schema: watchEvent }, unauthorized],
      action,
      kind: row,
    }),
  });
  return {
    [collection]: pathItem(namespace, 'watchlist', { suffix: 'List' }),
    [`${collection}/{name}`]: pathItem(['name', ...namespace], 'watch', {}),
    ...(row.namespaced
      ? {
          [`${base}/${row.resource}`]: pathItem([], 'watchlist', {
            suffix: 'ListForAllNamespaces',
            isAcrossNamespaces: true,
          }),
        }
      : {}),
  };
}
