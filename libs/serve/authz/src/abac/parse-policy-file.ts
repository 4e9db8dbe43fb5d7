import { goQuote } from '@reckon/api/machinery';
import type { AbacPolicy } from './abac-policy';

const group = 'abac.authorization.kubernetes.io';
const authenticated = 'system:authenticated';

/** A line that is no policy. No part of such a file is used: a policy that is left out could not be told from one that allows less. */
export class PolicyFileError extends Error {
  readonly code = 'PolicyFile';

  constructor(
    readonly line: number,
    readonly data: string,
    readonly problem: string,
  ) {
    super(`line ${String(line)}: ${data}: ${problem}`);
    this.name = 'PolicyFileError';
  }
}

export interface PolicyFile {
  readonly policies: readonly AbacPolicy[];
  /** How many lines are of the form that knew no versions. */
  readonly unversioned: number;
}

/** One policy a line; empty lines and lines that begin with `#` are passed over (pkg/auth/authorizer/abac `NewFromFile`). */
export function parsePolicyFile(text: string): PolicyFile {
  const policies: AbacPolicy[] = [];
  let unversioned = 0;
  for (const [i, data] of text.split('\n').entries()) {
    const line = data.trim();
    if (line === '' || line.startsWith('#')) continue;
    const fail = (problem: string): never => {
      throw new PolicyFileError(i + 1, line, problem);
    };
    const object = objectIn(line, fail);
    const { apiVersion = '', kind = '' } = texts(object, ['apiVersion', 'kind'], fail);
    if (apiVersion === '' && (kind === '' || kind === 'Policy')) {
      unversioned++;
      policies.push(ofVersion0(object, fail));
    } else if (kind !== 'Policy') {
      fail(
        kind === ''
          ? "Object 'Kind' is missing"
          : `no kind ${goQuote(kind)} is registered for version ${goQuote(apiVersion)}`,
      );
    } else if (apiVersion === `${group}/v1beta1`) policies.push(ofVersion1beta1(object, fail));
    else if (apiVersion === `${group}/v0`) policies.push(ofVersion0(object, fail));
    else fail(`no kind "Policy" is registered for version ${goQuote(apiVersion)}`);
  }
  return { policies, unversioned };
}

type Fail = (problem: string) => never;
type Fields = Readonly<Record<string, unknown>>;

function objectIn(line: string, fail: Fail): Fields {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    // Of JSON.parse: always a SyntaxError.
    return fail(
      `couldn't get version/kind; json parse error: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  return isObject(value) ? value : fail('it is no JSON object');
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Fields that nobody knows are passed over, as upstream's decoder does; those that are known must be of their type. */
function texts<K extends string>(object: Fields, names: readonly K[], fail: Fail): Partial<Record<K, string>> {
  const found: Partial<Record<K, string>> = {};
  for (const name of names) {
    const value = Object.hasOwn(object, name) ? object[name] : undefined;
    if (value === undefined || value === null) continue;
    if (typeof value !== 'string') fail(`${name} must be a string`);
    else found[name] = value;
  }
  return found;
}

function flag(object: Fields, name: string, fail: Fail): boolean {
  const value = Object.hasOwn(object, name) ? (object[name] ?? false) : false;
  return typeof value === 'boolean' ? value : fail(`${name} must be true or false`);
}

/** pkg/apis/abac/v1beta1: a star for a user or a group is everybody who has said who they are. */
function ofVersion1beta1(object: Fields, fail: Fail): AbacPolicy {
  const spec = (Object.hasOwn(object, 'spec') ? object['spec'] : undefined) ?? {};
  if (!isObject(spec)) return fail('spec must be an object');
  const {
    user = '',
    group: ofGroup = '',
    resource = '',
    apiGroup = '',
    namespace = '',
    nonResourcePath = '',
  } = texts(spec, ['user', 'group', 'resource', 'apiGroup', 'namespace', 'nonResourcePath'], fail);
  const rest = { readonly: flag(spec, 'readonly', fail), resource, apiGroup, namespace, nonResourcePath };
  return user === '*' || ofGroup === '*'
    ? { user: '', group: authenticated, ...rest }
    : { user, group: ofGroup, ...rest };
}

/** pkg/apis/abac/v0: what is not said is everything, but only for those who have said who they are. */
function ofVersion0(object: Fields, fail: Fail): AbacPolicy {
  const {
    user = '',
    group: ofGroup = '',
    resource = '',
    namespace = '',
  } = texts(object, ['user', 'group', 'resource', 'namespace'], fail);
  const isEverybody = user === '*' || ofGroup === '*';
  const isNobody = user === '' && ofGroup === '';
  return {
    user: isEverybody ? '' : user,
    group: isEverybody || isNobody ? authenticated : ofGroup,
    readonly: flag(object, 'readonly', fail),
    resource: resource === '' ? '*' : resource,
    apiGroup: '*',
    namespace: namespace === '' ? '*' : namespace,
    nonResourcePath: namespace === '' && resource === '' ? '*' : '',
  };
}
