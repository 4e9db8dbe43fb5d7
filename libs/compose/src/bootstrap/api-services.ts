import type { KindRegistry } from '@reckon/api/kinds';
import { builtinPriority } from '@reckon/serve/discovery';
import type { SystemObject } from './system-objects';

const group = 'apiregistration.k8s.io';

/**
 * One APIService per group version that this server serves itself (kube-aggregator/pkg/controllers/autoregister): clients
 * find there what is served, and that it is. Those of custom resources come and go with their definitions.
 */
export function apiServices(kinds: KindRegistry): readonly SystemObject[] {
  return kinds.groupVersions().flatMap((served) => {
    const priority = builtinPriority(served.group, served.version);
    if (priority === undefined) return [];
    return {
      group,
      resource: 'apiservices',
      owned: [['spec']],
      object: {
        apiVersion: `${group}/v1`,
        kind: 'APIService',
        metadata: {
          name: `${served.version}.${served.group}`,
          labels: { 'kube-aggregator.kubernetes.io/automanaged': 'onstart' },
        },
        spec: {
          ...(served.group === '' ? {} : { group: served.group }),
          version: served.version,
          groupPriorityMinimum: priority.group,
          versionPriority: priority.version,
        },
      },
    };
  });
}
