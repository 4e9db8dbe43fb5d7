import { type KubeObject, labelSelectorFromObject, reasonOf, semanticEqual } from '@reckon/api/machinery';
import type { rbacv1 } from '@reckon/api/types';
import { type Lister, objectKey } from '@reckon/client/cache';
import { refs } from '@reckon/client/rest';
import { Controller, done } from '@reckon/control/runtime';
import type { ControllerContext, ControllerRow } from '../controller-context';
import { startWhenSynced } from '../start-when-synced';

type ClusterRole = rbacv1.ClusterRole & KubeObject;

const fieldManager = 'clusterrole-aggregation-controller';

/** Fills the rules of ClusterRoles that have an `aggregationRule` (pkg/controller/clusterroleaggregation). */
export const clusterRoleAggregation: ControllerRow = {
  name: 'clusterrole-aggregation-controller',
  serviceAccount: 'clusterrole-aggregation-controller',
  start(context) {
    const roles = context.informers.informer<ClusterRole>(refs.clusterRoles);
    const controller = new Controller(
      'ClusterRoleAggregator',
      async (name) => {
        const role = roles.lister.byKey(name);
        if (role?.aggregationRule === undefined) return done;
        const rules = aggregate(role, roles.lister);
        if (!semanticEqual(rules, role.rules)) await writeRules(context, role, rules);
        return done;
      },
      context,
    );
    // Any role may be a part of any aggregate, and aggregates are few.
    const enqueueAggregates = (): void => {
      for (const role of roles.lister.list())
        if (role.aggregationRule !== undefined) controller.enqueue(objectKey(role));
    };
    roles.addHandler({ add: enqueueAggregates, update: enqueueAggregates, delete: enqueueAggregates });
    return startWhenSynced([controller], [roles]);
  },
};

/** The rules of all roles that a selector of the aggregate matches, those of each selector by name, each rule once. */
function aggregate(role: ClusterRole, roles: Lister<ClusterRole>): rbacv1.PolicyRule[] {
  const byName = roles.list().sort((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1));
  const rules: rbacv1.PolicyRule[] = [];
  for (const object of role.aggregationRule?.clusterRoleSelectors ?? []) {
    const selector = labelSelectorFromObject(object);
    for (const part of byName) {
      if (part.metadata.name === role.metadata.name || !selector.matches(part.metadata.labels)) continue;
      for (const rule of part.rules ?? []) if (!rules.some((r) => semanticEqual(r, rule))) rules.push(rule);
    }
  }
  return rules;
}

/** Applies, so that the rules are known as this controller's own; a server without server-side apply gets an update. */
async function writeRules({ rest }: ControllerContext, role: ClusterRole, rules: rbacv1.PolicyRule[]): Promise<void> {
  const client = rest.resource<ClusterRole>(refs.clusterRoles);
  const name = role.metadata.name ?? '';
  const body = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name }, rules };
  try {
    await client.patch('', name, { type: 'apply', body, fieldManager, force: true });
  } catch (error) {
    if (reasonOf(error) !== 'UnsupportedMediaType') throw error;
    await client.update({ ...role, rules });
  }
}
