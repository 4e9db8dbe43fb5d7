import type { ResourceRow } from '../resource-row';
import type { Dialect } from './dialect';
import { pathParameter, queryParameter } from './parameters';

export type PathItem = Record<string, unknown>;

export const methods: Readonly<Record<string, string>> = {
  get: 'get',
  list: 'get',
  create: 'post',
  update: 'put',
  patch: 'patch',
  delete: 'delete',
  deletecollection: 'delete',
};

export const objectTypes = ['application/json', 'application/yaml'];
export const listTypes = [...objectTypes, 'application/json;stream=watch'];

/** Any operation may say it. */
export const unauthorized = { code: 401, description: 'Unauthorized' } as const;

/** `/api/v1`, `/apis/<group>/<version>`. */
export const basePath = ({ group, version }: ResourceRow): string =>
  group === '' ? `/api/${version}` : `/apis/${group}/${version}`;

/** The placeholders in a path of the row's, told; `pretty` is common to all. */
export function placeParameters(
  row: ResourceRow,
  dialect: Dialect,
  names: readonly ('name' | 'namespace')[],
): object[] {
  const told = { name: `The name of the ${row.kind}.`, namespace: 'The namespace.' };
  return [...names.map((name) => pathParameter(name, told[name])), queryParameter('pretty')].map((parameter) =>
    dialect.parameter(parameter),
  );
}
