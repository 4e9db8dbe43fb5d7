import type { flowcontrolv1 } from '@reckon/api/types';
import type { UserInfo } from '@reckon/registry/generic';
import type { FlowRequest } from './flow-request';

type Schema = flowcontrolv1.FlowSchema;

/** Says whether a request is meant by the rules that remain for a user. */
export type RequestMatch = (info: FlowRequest['info']) => boolean;

interface CompiledRule {
  readonly subjects: readonly ((user: UserInfo) => boolean)[];
  readonly resources: readonly RequestMatch[];
  readonly paths: readonly RequestMatch[];
}

const accountPrefix = 'system:serviceaccount:';

/**
 * The rules of a FlowSchema, in two steps: first the user, whose answer is remembered, then the request
 * (util/flowcontrol `matchesFlowSchema`). Undefined for a user whom no rule means.
 */
export function compileRules(schema: Schema): (user: UserInfo) => RequestMatch | undefined {
  const rules = (schema.spec?.rules ?? []).map(compileRule);
  return (user) => {
    const mine = rules.filter(({ subjects }) => subjects.some((means) => means(user)));
    if (mine.length === 0) return undefined;
    const resources = mine.flatMap((rule) => rule.resources);
    const paths = mine.flatMap((rule) => rule.paths);
    return (info) => {
      for (const match of info.isResource ? resources : paths) if (match(info)) return true;
      return false;
    };
  };
}

function compileRule(rule: flowcontrolv1.PolicyRulesWithSubjects): CompiledRule {
  return {
    subjects: rule.subjects.map(compileSubject),
    resources: (rule.resourceRules ?? []).map(compileResourceRule),
    paths: (rule.nonResourceRules ?? []).map(compilePathRule),
  };
}

function compileSubject(subject: flowcontrolv1.Subject): (user: UserInfo) => boolean {
  switch (subject.kind) {
    case 'User': {
      const name = subject.user?.name;
      return name === '*' ? () => true : (user) => user.name === name;
    }
    case 'Group': {
      const name = subject.group?.name;
      if (name === undefined) return () => false;
      return name === '*' ? () => true : (user) => user.groups.includes(name);
    }
    case 'ServiceAccount': {
      const account = subject.serviceAccount;
      if (account === undefined) return () => false;
      const prefix = `${accountPrefix}${account.namespace}:`;
      return account.name === '*'
        ? (user) => user.name.startsWith(prefix)
        : (user) => user.name === prefix + account.name;
    }
    default:
      return () => false;
  }
}

/** A lone `*` stands for everything; validation sees to it that it stands alone. */
function inList(list: readonly string[] | undefined): (value: string) => boolean {
  if (list?.length === 1 && list[0] === '*') return () => true;
  const values = new Set(list);
  return (value) => values.has(value);
}

function compileResourceRule(rule: flowcontrolv1.ResourcePolicyRule): RequestMatch {
  const verb = inList(rule.verbs);
  const resource = inList(rule.resources);
  const group = inList(rule.apiGroups);
  const namespace = inList(rule.namespaces);
  const clusterScope = rule.clusterScope === true;
  return (info) =>
    verb(info.verb) &&
    resource(info.subresource === '' ? info.resource : `${info.resource}/${info.subresource}`) &&
    group(info.group) &&
    (info.namespace === '' ? clusterScope : namespace(info.namespace));
}

function compilePathRule(rule: flowcontrolv1.NonResourcePolicyRule): RequestMatch {
  const verb = inList(rule.verbs);
  const urls = rule.nonResourceURLs.map((url) => {
    if (url === '*') return () => true;
    const stem = url.endsWith('*') ? url.slice(0, -1) : url;
    const prefix = stem.endsWith('/') ? stem : `${stem}/`;
    return (path: string) => path === url || path.startsWith(prefix);
  });
  return (info) => verb(info.verb) && urls.some((means) => means(info.path));
}
