import type { UserInfo } from '@reckon/registry/generic';
import type { AuditLevel, AuditPolicy, AuditStage, GroupResources, PolicyRule } from './audit-policy';

/** What a rule looks at: the request as the one who sent it meant it, before impersonation. */
export interface AuditedInfo {
  readonly isResource: boolean;
  readonly path: string;
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly namespace: string;
  readonly resource: string;
  readonly subresource: string;
  readonly name: string;
}

export interface AuditDecision {
  readonly level: AuditLevel;
  readonly omits: ReadonlySet<AuditStage>;
  readonly omitManagedFields: boolean;
}

type Test = (user: UserInfo, info: AuditedInfo) => boolean;

/** A policy as a function: the first rule that matches (apiserver/pkg/audit/policy `EvaluatePolicyRule`). */
export function compilePolicy(policy: AuditPolicy): (user: UserInfo, info: AuditedInfo) => AuditDecision {
  const rules = policy.rules.map((rule) => ({ matches: compileRule(rule), decision: decisionOf(policy, rule) }));
  const otherwise: AuditDecision = { level: 'None', omits: new Set(), omitManagedFields: false };
  return (user, info) => {
    for (const { matches, decision } of rules) if (matches(user, info)) return decision;
    return otherwise;
  };
}

const decisionOf = (policy: AuditPolicy, rule: PolicyRule): AuditDecision => ({
  level: rule.level,
  omits: new Set([...(policy.omitStages ?? []), ...(rule.omitStages ?? [])]),
  omitManagedFields: rule.omitManagedFields ?? policy.omitManagedFields ?? false,
});

const some = (list: readonly string[] | undefined): list is readonly string[] => list !== undefined && list.length > 0;

function compileRule(rule: PolicyRule): Test {
  const tests: Test[] = [];
  if (some(rule.users)) {
    const users = new Set(rule.users);
    tests.push((user) => users.has(user.name));
  }
  if (some(rule.userGroups)) {
    const groups = new Set(rule.userGroups);
    tests.push((user) => user.groups.some((group) => groups.has(group)));
  }
  if (some(rule.verbs)) {
    const verbs = new Set(rule.verbs);
    tests.push((_, { verb }) => verbs.has(verb));
  }
  if (some(rule.namespaces) || (rule.resources?.length ?? 0) > 0) tests.push(...resourceTests(rule));
  else if (some(rule.nonResourceURLs)) {
    const urls = rule.nonResourceURLs.map(urlTest);
    tests.push((_, { isResource, path }) => !isResource && urls.some((matches) => matches(path)));
  }
  return (user, info) => {
    for (const test of tests) if (!test(user, info)) return false;
    return true;
  };
}

function resourceTests(rule: PolicyRule): Test[] {
  const tests: Test[] = [(_, { isResource }) => isResource];
  if (some(rule.namespaces)) {
    const namespaces = new Set(rule.namespaces);
    tests.push((_, { namespace }) => namespaces.has(namespace));
  }
  const resources = (rule.resources ?? []).map(groupTest);
  if (resources.length > 0) tests.push((_, info) => resources.some((matches) => matches(info)));
  return tests;
}

function groupTest({ group = '', resources = [], resourceNames = [] }: GroupResources): (info: AuditedInfo) => boolean {
  const isAnyGroup = group === '*';
  if (resources.length === 0) return (info) => isAnyGroup || info.group === group;
  const names = new Set(resourceNames);
  const wanted = new Set(resources);
  const isAll = wanted.has('*');
  return (info) => {
    if ((!isAnyGroup && info.group !== group) || (names.size > 0 && !names.has(info.name))) return false;
    const { resource, subresource } = info;
    if (isAll || wanted.has(`${resource}/*`)) return true;
    if (subresource === '') return wanted.has(resource);
    return wanted.has(`${resource}/${subresource}`) || wanted.has(`*/${subresource}`);
  };
}

function urlTest(url: string): (path: string) => boolean {
  if (url === '*') return () => true;
  if (!url.endsWith('*')) return (path) => path === url;
  const prefix = url.replace(/\*+$/, '');
  return (path) => path === url || path.startsWith(prefix);
}
