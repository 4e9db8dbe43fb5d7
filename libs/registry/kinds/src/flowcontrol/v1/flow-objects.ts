import type { flowcontrolv1 } from '@reckon/api/types';

/** Short ways to write down the objects that every cluster has. */
type Subject = flowcontrolv1.Subject;
type Rules = flowcontrolv1.PolicyRulesWithSubjects;

const apiVersion = 'flowcontrol.apiserver.k8s.io/v1';
/** While it is true, the server brings the object's spec back to what is written down here. */
const annotations = { 'apf.kubernetes.io/autoupdate-spec': 'true' };

export const groups = (...names: readonly string[]): Subject[] =>
  names.map((name) => ({ kind: 'Group', group: { name } }));

export const users = (...names: readonly string[]): Subject[] =>
  names.map((name) => ({ kind: 'User', user: { name } }));

export const systemAccounts = (...names: readonly string[]): Subject[] =>
  names.map((name) => ({ kind: 'ServiceAccount', serviceAccount: { namespace: 'kube-system', name } }));

export const resources = (
  verbs: readonly string[],
  apiGroups: readonly string[],
  names: readonly string[],
  reach: 'everywhere' | 'namespaces' = 'namespaces',
): flowcontrolv1.ResourcePolicyRule => ({
  verbs: [...verbs],
  apiGroups: [...apiGroups],
  resources: [...names],
  ...(reach === 'everywhere' ? { clusterScope: true } : {}),
  namespaces: ['*'],
});

/** Whatever these subjects ask for. */
export const everything = (subjects: Subject[]): Rules => ({
  subjects,
  resourceRules: [resources(['*'], ['*'], ['*'], 'everywhere')],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
});

export const flowSchema = (
  name: string,
  level: string,
  matchingPrecedence: number,
  distinguisher: 'ByUser' | 'ByNamespace' | 'none',
  rule: Rules,
): flowcontrolv1.FlowSchema => ({
  apiVersion,
  kind: 'FlowSchema',
  metadata: { name, annotations },
  spec: {
    priorityLevelConfiguration: { name: level },
    matchingPrecedence,
    ...(distinguisher === 'none' ? {} : { distinguisherMethod: { type: distinguisher } }),
    rules: [rule],
  },
  status: {},
});

/** How much of the server a level gets, what it lends, and how its requests wait: queues, hand size. */
export const limitedLevel = (
  name: string,
  nominalConcurrencyShares: number,
  lendablePercent: number,
  queuing: readonly [queues: number, handSize: number] | 'reject',
  further: { readonly borrowingLimitPercent?: number } = {},
): flowcontrolv1.PriorityLevelConfiguration =>
  level(name, {
    type: 'Limited',
    limited: {
      nominalConcurrencyShares,
      limitResponse:
        queuing === 'reject'
          ? { type: 'Reject' }
          : { type: 'Queue', queuing: { queues: queuing[0], handSize: queuing[1], queueLengthLimit: 50 } },
      lendablePercent,
      ...further,
    },
  });

export const exemptLevel = (name: string): flowcontrolv1.PriorityLevelConfiguration =>
  level(name, { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } });

const level = (
  name: string,
  spec: flowcontrolv1.PriorityLevelConfigurationSpec,
): flowcontrolv1.PriorityLevelConfiguration => ({
  apiVersion,
  kind: 'PriorityLevelConfiguration',
  metadata: { name, annotations },
  spec,
  status: {},
});
