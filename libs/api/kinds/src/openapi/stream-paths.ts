import type { KindRegistry } from '../kind-registry';
import type { ResourceRow, SubresourceRow } from '../resource-row';
import type { Dialect } from './dialect';
import { operationDescription } from './operation-description';
import { operationId, tagOf } from './operation-id';
import { optionParameters, pathParameter } from './parameters';
import { basePath, methods, objectTypes, type PathItem, placeParameters, unauthorized } from './path-item';
import type { Describe } from './schemas';

/** Their kind names what the query may say; what goes over the line has no schema. */
export const isStream = (sub: SubresourceRow): boolean => sub.kind.endsWith('Options') || sub.name === 'log';

/** Paths of the subresources that stream: log, exec, attach, portforward, proxy. */
export function streamPathsOf(
  kinds: KindRegistry,
  row: ResourceRow,
  dialect: Dialect,
  describe: Describe,
): Record<string, PathItem> {
  const paths: Record<string, PathItem> = {};
  const place = row.namespaced ? (['name', 'namespace'] as const) : (['name'] as const);
  const item = `${basePath(row)}${row.namespaced ? '/namespaces/{namespace}' : ''}/${row.resource}/{name}`;
  for (const sub of row.subresources.filter(isStream)) {
    const isLog = sub.name === 'log';
    const options = kinds.structOf(isLog ? { ...row, kind: `${row.kind}LogOptions` } : sub);
    const parameters = [
      ...(options === undefined ? [] : optionParameters(options, describe)).map((each) => dialect.parameter(each)),
      ...placeParameters(row, dialect, place),
    ];
    const pathItem = (parametersHere: readonly object[], suffix: string): PathItem => {
      const operations: PathItem = { parameters: parametersHere };
      for (const verb of sub.name === 'proxy' ? [...sub.verbs, 'head', 'options'] : sub.verbs) {
        const method = methods[verb] ?? verb;
        operations[method] = dialect.operation({
          tag: tagOf(row),
          description: operationDescription({ verb: isLog ? verb : method, row, subresource: sub.name }),
          operationId: operationId({ verb: isLog ? verb : connectVerb(method), row, subresource: sub.name, suffix }),
          parameters: [],
          types: isLog ? ['text/plain', ...objectTypes] : ['*/*'],
          answers: [{ code: 200, description: 'OK', schema: { type: 'string' } }, unauthorized],
          action: isLog ? verb : 'connect',
          kind: sub,
        });
      }
      return operations;
    };
    paths[`${item}/${sub.name}`] = pathItem(parameters, '');
    if (sub.name !== 'proxy') continue;
    const rest = dialect.parameter(pathParameter('path', 'The path that is asked for behind the proxy.'));
    paths[`${item}/proxy/{path}`] = pathItem([...parameters, rest], 'WithPath');
  }
  return paths;
}

const connectVerb = (method: string): string => `connect${method.slice(0, 1).toUpperCase()}${method.slice(1)}`;
