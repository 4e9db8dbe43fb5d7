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

const protobuf = 'application/vnd.kubernetes.protobuf';
export const objectTypes = ['application/json', 'application/yaml', protobuf];
const listTypes = [...objectTypes, 'application/json;stream=watch', `${protobuf};stream=watch`];

/** What answers about a kind can be written as: protobuf has no form for kinds that only their own rules describe. */
export function typesOf(row: ResourceRow, form: 'object' | 'list'): readonly string[] {
  const types = form === 'list' ? listTypes : objectTypes;
  return row.type.open ? types.filter((type) => !type.startsWith(protobuf)) : types;
}

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
