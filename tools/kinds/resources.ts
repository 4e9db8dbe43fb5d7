import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Structs } from './facts';
import { categories, groupOrder, missingVerbs, shortNames } from './resource-names';

/** A row of the table, as libs/api/kinds/src/builtin-rows.ts reads it. */
export type ResourceCells = readonly [
  group: string,
  version: string,
  resource: string,
  kind: string,
  listKind: string,
  singular: string,
  scope: 'namespaced' | 'cluster',
  shortNames: readonly string[],
  categories: readonly string[],
  verbs: readonly string[],
  subresources: readonly SubresourceCells[],
  struct: string,
];

type SubresourceCells = readonly [name: string, group: string, version: string, kind: string, verbs: readonly string[]];

/** One call of the official client. */
interface Operation {
  readonly path: string;
  readonly method: string;
  readonly name: string;
  /** Names of its arguments. */
  readonly takes: readonly string[];
  /** `V1Pod`, or `string` for what a proxy answers. */
  readonly answers: string;
}

/** What a client may do to one path, and the kind that it deals with. */
interface Endpoint {
  readonly verbs: Set<string>;
  kind: string;
}

const verbOf: Readonly<Record<string, string>> = {
  GET: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** Subresources that are connections: their kind is the options of the connection. */
const connections: Readonly<Record<string, string>> = {
  attach: 'AttachOptions',
  exec: 'ExecOptions',
  portforward: 'PortForwardOptions',
  proxy: 'ProxyOptions',
};

/** Kinds of subresources that live in another group version than their resource. */
const foreignKinds: Readonly<Record<string, readonly [group: string, version: string]>> = {
  Binding: ['', 'v1'],
  Eviction: ['policy', 'v1'],
  Scale: ['autoscaling', 'v1'],
  TokenRequest: ['authentication.k8s.io', 'v1'],
};

/**
 * Every resource of a v1 or v2 group version with its verbs and subresources, in the order of discovery, from the calls of the official
 * client. `apis` is the folder of its generated sources.
 */
export function readResources(apis: string, structs: Structs): readonly ResourceCells[] {
  const endpoints = readEndpoints(readOperations(apis));
  const rows = [...endpoints.keys()]
    .filter((key) => !key.includes(' '))
    .map((key) => row(key, endpoints, structs))
    .toSorted(inDiscoveryOrder);
  const known = new Set(rows.map(([group, , resource]) => `${group}/${resource}`));
  const gone = [shortNames, categories, missingVerbs].flatMap(Object.keys).filter((key) => !known.has(key));
  if (gone.length > 0) throw new Error(`resource-names.ts names ${gone.join(', ')}, which are not served`);
  return rows;
}

function readOperations(apis: string): Operation[] {
  const files = readdirSync(apis).filter((file) => /V[12]Api\.js$/.test(file));
  return files.flatMap((file) => {
    const text = readFileSync(join(apis, file), 'utf8');
    const answers = new Map(
      [
        ...text.matchAll(/async (\w+)WithHttpInfo\(response\) \{(?:(?!\n {4}async )[\s\S])*?contentType\), "(\w+)"/g),
      ].map(([, name = '', type = '']) => [name, type]),
    );
    return [
      ...text.matchAll(
        /async (\w+)\(([^)]*)\) \{(?:(?!\n {4}async )[\s\S])*?localVarPath = '([^']*)'(?:(?!\n {4}async )[\s\S])*?HttpMethod\.(\w+)\)/g,
      ),
    ].map(([, name = '', takes = '', path = '', method = '']): Operation => ({
      path,
      method,
      name,
      takes: takes.split(', '),
      answers: answers.get(name) ?? 'string',
    }));
  });
}

/** By `group/version/resource`, and `group/version/resource subresource`. */
function readEndpoints(operations: readonly Operation[]): Map<string, Endpoint & { readonly namespaced: boolean }> {
  const found = new Map<string, Endpoint & { readonly namespaced: boolean }>();
  for (const operation of operations) {
    const [, group = '', version = '', namespace, resource, name, subresource, rest] =
      /^\/(?:api|apis\/([^/]+))\/([^/]+)(\/namespaces\/\{namespace\})?\/(\w+)(\/\{name\})?(?:\/(\w+))?(\/.*)?$/.exec(
        operation.path,
      ) ?? [];
    if (resource === undefined || rest !== undefined || resource === 'watch') continue;
    const verb = verbOf[operation.method];
    // Lists of all namespaces have the verbs of the resource already.
    if (verb === undefined || operation.name.endsWith('ForAllNamespaces')) continue;
    const key = `${group}/${version}/${resource}${subresource === undefined ? '' : ` ${subresource}`}`;
    const endpoint = found.get(key) ?? { verbs: new Set(), kind: '', namespaced: namespace !== undefined };
    found.set(key, endpoint);
    const isCollection = name === undefined;
    if (!isCollection || verb === 'create') endpoint.verbs.add(verb);
    else if (verb === 'delete') endpoint.verbs.add('deletecollection');
    else if (verb === 'get') {
      endpoint.verbs.add('list');
      if (operation.takes.includes('watch')) endpoint.verbs.add('watch');
    }
    const kind = /^(?:\w+?)?V\d(\w+)$/.exec(operation.answers)?.[1] ?? '';
    if (kind !== 'Status' && verb !== 'delete') endpoint.kind ||= isCollection ? kind.replace(/List$/, '') : kind;
  }
  return found;
}

function row(key: string, endpoints: ReturnType<typeof readEndpoints>, structs: Structs): ResourceCells {
  const [group = '', version = '', resource = ''] = key.split('/');
  const endpoint = endpoints.get(key);
  if (endpoint === undefined || endpoint.kind === '') throw new Error(`${key}: no call says its kind`);
  const { kind, namespaced, verbs } = endpoint;
  if (!groupOrder.includes(group)) throw new Error(`resource-names.ts does not say where group ${group} stands`);
  const struct = `${group === '' ? 'core' : (group.split('.')[0] ?? '')}/${version}.${kind}`;
  if (!structs.has(struct)) throw new Error(`${key}: no struct ${struct}`);
  const subresources = [...endpoints.keys()]
    .filter((other) => other.startsWith(`${key} `))
    .toSorted()
    .map((other): SubresourceCells => {
      const name = other.slice(key.length + 1);
      const its = endpoints.get(other);
      const connection = connections[name];
      const itsKind = connection === undefined ? its?.kind || kind : `${kind}${connection}`;
      const [itsGroup, itsVersion] = foreignKinds[itsKind] ?? [group, version];
      return [name, itsGroup, itsVersion, itsKind, [...(its?.verbs ?? [])].toSorted()];
    });
  const missing = missingVerbs[`${group}/${resource}`] ?? [];
  return [
    group,
    version,
    resource,
    kind,
    structs.has(`${struct}List`) ? `${kind}List` : '',
    kind.toLowerCase(),
    namespaced ? 'namespaced' : 'cluster',
    shortNames[`${group}/${resource}`] ?? [],
    categories[`${group}/${resource}`] ?? [],
    [...verbs].filter((verb) => !missing.includes(verb)).toSorted(),
    subresources,
    struct,
  ];
}

/** By group, the newest version first, then by name. */
function inDiscoveryOrder(a: ResourceCells, b: ResourceCells): number {
  const byGroup = groupOrder.indexOf(a[0]) - groupOrder.indexOf(b[0]);
  if (byGroup !== 0) return byGroup;
  if (a[1] !== b[1]) return a[1] < b[1] ? 1 : -1;
  return a[2] < b[2] ? -1 : 1;
}
