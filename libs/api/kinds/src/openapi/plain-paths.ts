import type { KindRegistry } from '../kind-registry';
import type { Dialect } from './dialect';
import { tagOf } from './operation-id';
import { objectTypes, type PathItem, unauthorized } from './path-item';
import { schemaName } from './schema-name';
import { type Describe, type SchemaCollector, told } from './schemas';

/** A path that is no resource: discovery, the version, the documents by which tokens are verified. All are only read. */
export interface PlainPath {
  /** With a slash at its end. */
  readonly path: string;
  readonly tag: string;
  readonly operationId: string;
  readonly types: readonly string[];
  /** A kind of meta/v1, or what `versionSchema` says, or any text. */
  readonly answer: 'APIVersions' | 'APIGroupList' | 'APIGroup' | 'APIResourceList' | 'version' | 'text';
}

export interface PlainPathOptions {
  /** Whether the server tells how its tokens are verified. */
  readonly hasOpenid?: boolean;
}

/** All that a server of these kinds has. */
export function plainPathsOf(kinds: KindRegistry, { hasOpenid = false }: PlainPathOptions = {}): PlainPath[] {
  const paths: PlainPath[] = [];
  const types = objectTypes;
  const groups = new Set<string>();
  paths.push({ path: '/apis/', answer: 'APIGroupList', tag: 'apis', operationId: 'getAPIVersions', types });
  for (const { group, version } of kinds.groupVersions()) {
    const tag = tagOf({ group, version });
    const [groupTag = ''] = tag.split('_');
    const prefix = upper(groupTag);
    const isCore = group === '';
    if (!groups.has(group)) {
      groups.add(group);
      paths.push(
        isCore
          ? { path: '/api/', answer: 'APIVersions', tag: groupTag, operationId: 'getCoreAPIVersions', types }
          : { path: `/apis/${group}/`, answer: 'APIGroup', tag: groupTag, operationId: `get${prefix}APIGroup`, types },
      );
    }
    const path = isCore ? `/api/${version}/` : `/apis/${group}/${version}/`;
    const operationId = `get${prefix}${upper(version)}APIResources`;
    paths.push({ path, answer: 'APIResourceList', tag, operationId, types });
  }
  paths.push({
    path: '/version/',
    answer: 'version',
    tag: 'version',
    operationId: 'getCodeVersion',
    types: ['application/json'],
  });
  if (hasOpenid) paths.push(...openidPaths);
  return paths;
}

const openidPaths: readonly PlainPath[] = [
  {
    path: '/.well-known/openid-configuration/',
    answer: 'text',
    tag: 'WellKnown',
    operationId: 'getServiceAccountIssuerOpenIDConfiguration',
    types: ['application/json'],
  },
  {
    path: '/openid/v1/jwks/',
    answer: 'text',
    tag: 'openid',
    operationId: 'getServiceAccountIssuerOpenIDKeyset',
    types: ['application/jwk-set+json'],
  },
];

const upper = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

/** What kinds they answer is collected; the schema of the version is for the caller to add. */
export function plainPathItems(
  paths: readonly PlainPath[],
  schemas: SchemaCollector,
  dialect: Dialect,
): Record<string, PathItem> {
  const { types: structs } = schemas;
  const schemaOf = (answer: PlainPath['answer']): object => {
    if (answer === 'text') return { type: 'string' };
    if (answer === 'version') return dialect.ref(versionName);
    return schemas.refer(structs.struct(`meta/v1.${answer}`), { group: '', version: 'v1', kind: answer });
  };
  return Object.fromEntries(
    paths.map(({ path, tag, operationId, types, answer }) => [
      path,
      {
        get: dialect.operation({
          tag,
          description: path.startsWith('/.well-known/') ? descriptions.openid : descriptions[answer],
          operationId,
          parameters: [],
          types,
          answers: [{ code: 200, description: 'OK', schema: schemaOf(answer) }, unauthorized],
        }),
      },
    ]),
  );
}

/** What is read there, in upstream's words (k8s.io/apiserver/pkg/endpoints/discovery, k8s.io/kubernetes/pkg/routes). */
const descriptions: Readonly<Record<PlainPath['answer'] | 'openid', string>> = {
  APIVersions: 'get available API versions',
  APIGroupList: 'get available API versions',
  APIGroup: 'get information of a group',
  APIResourceList: 'get available resources',
  version: 'get the version information for this server',
  openid: "get service account issuer OpenID configuration, also known as the 'OIDC discovery doc'",
  text: 'get service account issuer OpenID JSON Web Key Set (contains public token verification keys)',
};

const versionType = 'pkg/version.Info';
const versionName = schemaName(versionType);
const build = ['gitVersion', 'gitCommit', 'gitTreeState', 'buildDate', 'goVersion', 'compiler', 'platform'];
const always = ['major', 'minor', ...build];
const sometimes = ['emulationMajor', 'emulationMinor', 'minCompatibilityMajor', 'minCompatibilityMinor'];

/** k8s.io/apimachinery/pkg/version `Info`, which is no kind. */
export const versionSchema = (describe: Describe): Readonly<Record<string, object>> => ({
  [versionName]: {
    ...told(describe(versionType, '')),
    type: 'object',
    required: always,
    properties: Object.fromEntries(
      [...always, ...sometimes].sort().map((name) => [name, { ...told(describe(versionType, name)), type: 'string' }]),
    ),
  },
});
