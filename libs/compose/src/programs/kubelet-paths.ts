import type { GuardOptions } from '../component-server/component-guard';

/** What a path of the kubelet is a part of, where a right of its own guards it. */
const subresources: readonly (readonly [start: string, subresource: string])[] = [
  ['/metrics', 'metrics'],
  ['/stats', 'stats'],
  ['/logs', 'log'],
  ['/configz', 'configz'],
  ['/healthz', 'healthz'],
  ['/livez', 'healthz'],
  ['/readyz', 'healthz'],
  ['/pods', 'pods'],
];

const verbs: Readonly<Record<string, string>> = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/**
 * Who asks a kubelet reads a subresource of its Node: `nodes/metrics`, `nodes/log`, …, and `nodes/proxy` for what gives power over
 * pods (pkg/kubelet/server `NodeRequestAttributesGetter`).
 */
export const kubeletAttributes =
  (nodeName: string): GuardOptions['attributesOf'] =>
  (method, path) => ({
    isResource: true,
    verb: verbs[method] ?? '',
    group: '',
    version: 'v1',
    resource: 'nodes',
    subresource: subresources.find(([start]) => path === start || path.startsWith(`${start}/`))?.[1] ?? 'proxy',
    namespace: '',
    name: nodeName,
    path,
  });
