import { everything, flowSchema, groups, limitedLevel, resources, systemAccounts, users } from './flow-objects';

const controllerManager = 'system:kube-controller-manager';
const scheduler = 'system:kube-scheduler';
const everybody = groups('system:unauthenticated', 'system:authenticated');

/** What administrators may change once they set the annotation to false (`Suggested…` of the same file as `mandatory.ts`). */
export const suggestedPriorityLevels = [
  limitedLevel('system', 30, 33, [64, 6]),
  limitedLevel('node-high', 40, 25, [64, 6]),
  limitedLevel('leader-election', 10, 0, [16, 4]),
  limitedLevel('workload-high', 40, 50, [128, 6]),
  limitedLevel('workload-low', 100, 90, [128, 6]),
  limitedLevel('global-default', 20, 50, [128, 6]),
];

/** By precedence, so that one sees which comes first. */
export const suggestedFlowSchemas = [
  flowSchema('probes', 'exempt', 2, 'none', {
    subjects: everybody,
    nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }],
  }),
  flowSchema('system-leader-election', 'leader-election', 100, 'ByUser', {
    subjects: [...users(controllerManager, scheduler), ...systemAccounts('*')],
    resourceRules: [resources(['get', 'create', 'update'], ['coordination.k8s.io'], ['leases'])],
  }),
  flowSchema('system-node-high', 'node-high', 400, 'ByUser', {
    subjects: groups('system:nodes'),
    resourceRules: [
      resources(['*'], [''], ['nodes', 'nodes/status'], 'everywhere'),
      resources(['*'], ['coordination.k8s.io'], ['leases']),
    ],
  }),
  flowSchema('system-nodes', 'system', 500, 'ByUser', everything(groups('system:nodes'))),
  flowSchema('kube-controller-manager', 'workload-high', 800, 'ByNamespace', everything(users(controllerManager))),
  flowSchema('kube-scheduler', 'workload-high', 800, 'ByNamespace', everything(users(scheduler))),
  flowSchema('kube-system-service-accounts', 'workload-high', 900, 'ByNamespace', everything(systemAccounts('*'))),
  flowSchema('service-accounts', 'workload-low', 9000, 'ByUser', everything(groups('system:serviceaccounts'))),
  flowSchema('global-default', 'global-default', 9900, 'ByUser', everything(everybody)),
];
