/**
 * Who may import whom: the one table behind `@nx/enforce-module-boundaries`.
 *
 * Each lib's project.json carries one tag `layer:<layer>`. There is deliberately no `*` row: a layer without a row
 * may import nothing, and `layers.spec.ts` proves for every row that a forbidden import is really reported.
 *
 * The table has no cycles (the spec checks it), reading it top-down each layer uses only layers above it. The two
 * planes never meet: nothing under `client`, `control`, `node` sees `store`, `registry`, `serve`, and the other way
 * round. They meet over HTTP, and in `compose`, which wires them.
 *
 * @typedef {object} Layer
 * @property {string} layer name, as in the tag
 * @property {string} root folder of the layer
 * @property {readonly string[]} may the layers its code may import
 * @property {readonly string[]} inTests further layers that its `*.spec.ts` and `*.suite.ts` may import
 */

const base = ['kernel', 'api-machinery'];
const client = [...base, 'api-types', 'api-quota', 'api-node-declared-features', 'api-cel'];
const api = [...client, 'api-kinds'];

/** A real store beneath code that knows only the contract. */
const realStore = ['store-log', 'store-view', 'store-watch', 'store-storage'];

/** @type {readonly Layer[]} */
export const layers = [
  { layer: 'kernel', root: 'libs/kernel', may: [], inTests: [] },
  { layer: 'api-machinery', root: 'libs/api/machinery', may: ['kernel'], inTests: [] },
  { layer: 'api-types', root: 'libs/api/types', may: ['api-machinery'], inTests: [] },
  // What objects count against a quota: both planes must come to the same sums.
  { layer: 'api-quota', root: 'libs/api/quota', may: [...base, 'api-types'], inTests: [] },
  // What pods need of nodes: whoever places them, changes them or runs them must think the same of it.
  {
    layer: 'api-node-declared-features',
    root: 'libs/api/node-declared-features',
    may: [...base, 'api-types'],
    inTests: [],
  },
  // The expressions of policies, selectors and rules: the same words for whoever checks or runs them.
  { layer: 'api-cel', root: 'libs/api/cel', may: base, inTests: [] },
  { layer: 'api-kinds', root: 'libs/api/kinds', may: [...base, 'api-types'], inTests: [] },
  { layer: 'pki', root: 'libs/pki', may: base, inTests: [] },

  // The store. Everything outside points to the contract, nobody past it.
  { layer: 'store-contract', root: 'libs/store/contract', may: api, inTests: [] },
  { layer: 'store-log', root: 'libs/store/log', may: [...base, 'store-contract'], inTests: [] },
  { layer: 'store-view', root: 'libs/store/view', may: [...api, 'store-contract'], inTests: ['store-log'] },
  {
    layer: 'store-watch',
    root: 'libs/store/watch',
    may: [...api, 'store-contract', 'store-view'],
    inTests: ['store-log'],
  },
  {
    layer: 'store-storage',
    root: 'libs/store/storage',
    may: [...api, 'store-contract', 'store-view', 'store-watch'],
    inTests: ['store-log'],
  },

  // Follows a log and publishes it; knows nothing of views and watches.
  { layer: 'store-relay', root: 'libs/store/relay', may: [...base, 'store-contract'], inTests: ['store-log', 'pki'] },

  // The server plane. `registry` never imports `admission`: it takes functions.
  { layer: 'registry-generic', root: 'libs/registry/generic', may: [...api, 'store-contract'], inTests: realStore },
  {
    layer: 'registry-kinds',
    root: 'libs/registry/kinds',
    may: [...api, 'store-contract', 'registry-generic'],
    inTests: [...realStore, 'testkit'],
  },
  {
    layer: 'serve-authn',
    root: 'libs/serve/authn',
    may: [...api, 'store-contract', 'registry-generic', 'pki'],
    inTests: [...realStore, 'testkit'],
  },
  {
    layer: 'serve-authz',
    root: 'libs/serve/authz',
    may: [...api, 'store-contract', 'registry-generic', 'pki', 'serve-authn'],
    inTests: [...realStore, 'testkit'],
  },
  {
    layer: 'serve-admission',
    root: 'libs/serve/admission',
    may: [...api, 'store-contract', 'registry-generic', 'pki', 'serve-authn', 'serve-authz'],
    inTests: [...realStore, 'testkit'],
  },
  {
    layer: 'serve-discovery',
    root: 'libs/serve/discovery',
    may: [...api, 'store-contract', 'registry-generic', 'pki'],
    inTests: [...realStore, 'testkit'],
  },
  // Who comes when, and what is written down of it.
  {
    layer: 'serve-flow-control',
    root: 'libs/serve/flow-control',
    may: [...api, 'store-contract', 'registry-generic'],
    inTests: [],
  },
  {
    layer: 'serve-audit',
    root: 'libs/serve/audit',
    may: [...api, 'registry-generic'],
    inTests: ['pki', 'testkit'],
  },
  {
    layer: 'serve-http',
    root: 'libs/serve/http',
    may: [
      ...api,
      'store-contract',
      'registry-generic',
      'pki',
      'serve-authn',
      'serve-authz',
      'serve-admission',
      'serve-discovery',
      'serve-flow-control',
      'serve-audit',
    ],
    inTests: [...realStore, 'registry-kinds', 'testkit'],
  },
  {
    layer: 'serve-subresources',
    root: 'libs/serve/subresources',
    may: [...api, 'store-contract', 'registry-generic', 'registry-kinds', 'serve-authn', 'serve-authz', 'serve-http'],
    inTests: [...realStore, 'testkit'],
  },

  // The client plane: knows the API's types, nothing of the server.
  { layer: 'client-rest', root: 'libs/client/rest', may: [...client, 'pki'], inTests: ['testkit'] },
  { layer: 'client-cache', root: 'libs/client/cache', may: [...client, 'client-rest'], inTests: ['testkit'] },
  {
    layer: 'control-runtime',
    root: 'libs/control/runtime',
    may: [...client, 'client-rest', 'client-cache'],
    inTests: ['testkit'],
  },
  {
    layer: 'control-controllers',
    root: 'libs/control/controllers',
    may: [...client, 'pki', 'client-rest', 'client-cache', 'control-runtime'],
    inTests: ['testkit'],
  },
  {
    layer: 'control-scheduling',
    root: 'libs/control/scheduling',
    may: [...client, 'client-rest', 'client-cache', 'control-runtime'],
    inTests: ['testkit'],
  },
  {
    layer: 'node-kubelet',
    root: 'libs/node/kubelet',
    // What a pod takes of a node is counted alike by whoever places it and by the node itself.
    may: [...client, 'pki', 'client-rest', 'client-cache', 'control-runtime', 'control-scheduling'],
    inTests: ['testkit'],
  },

  // What people read of the log: from a server or from a file, told apart by whoever hands the entries over.
  { layer: 'history', root: 'libs/history', may: [...client, 'client-rest'], inTests: ['testkit'] },

  // The wiring, and what stands on it.
  {
    layer: 'compose',
    root: 'libs/compose',
    may: [
      ...api,
      'pki',
      'store-contract',
      ...realStore,
      'registry-generic',
      'registry-kinds',
      'serve-authn',
      'serve-authz',
      'serve-admission',
      'serve-discovery',
      'serve-flow-control',
      'serve-audit',
      'serve-http',
      'serve-subresources',
      'client-rest',
      'client-cache',
      'control-runtime',
      'control-controllers',
      'control-scheduling',
      'node-kubelet',
      'store-relay',
      'history',
    ],
    inTests: [],
  },
  {
    layer: 'testkit',
    root: 'libs/testkit',
    may: [...api, 'pki', 'store-contract', ...realStore, 'client-rest', 'client-cache', 'control-runtime', 'compose'],
    inTests: [],
  },
  {
    layer: 'app-reckon',
    root: 'apps/reckon',
    may: [...base, 'client-rest', 'history', 'compose'],
    inTests: ['testkit'],
  },
  // The programs apart: thin mains of what `compose` wires.
  ...['apiserver', 'controller-manager', 'scheduler', 'kubelet'].map((name) => ({
    layer: `app-${name}`,
    root: `apps/${name}`,
    may: ['compose'],
    inTests: [],
  })),
  {
    layer: 'app-e2e',
    root: 'apps/e2e',
    may: [...api, 'client-rest', 'client-cache', 'control-runtime', 'store-relay', 'testkit'],
    inTests: [],
  },
  // Programs of users: they know packages and nothing of ours.
  { layer: 'docs-examples', root: 'docs/examples', may: [], inTests: [] },
  {
    layer: 'tools',
    root: 'tools',
    may: [
      ...api,
      'pki',
      'store-contract',
      ...realStore,
      'registry-generic',
      'registry-kinds',
      'serve-authz',
      'serve-discovery',
      'client-rest',
      'compose',
      'testkit',
    ],
    inTests: [],
  },
];

/**
 * Each driver has one owner, so that replacing one touches one lib. `tools` may use the database driver because the
 * bench measures the bare floor beneath us; the examples show how to use a package.
 *
 * @type {readonly { readonly package: string, readonly owners: readonly string[] }[]}
 */
export const drivers = [
  { package: 'better-sqlite3', owners: ['store-log', 'tools'] },
  { package: 'fastify', owners: ['serve-http'] },
  { package: 'jose', owners: ['serve-authn'] },
  { package: '@peculiar/x509', owners: ['pki'] },
  { package: '@nats-io/transport-node', owners: ['store-relay', 'docs-examples'] },
  { package: '@nats-io/jetstream', owners: ['store-relay', 'docs-examples'] },
  { package: 'reflect-metadata', owners: ['pki'] },
  { package: 'undici', owners: ['client-rest'] },
  { package: '@kubernetes/client-node', owners: ['app-e2e', 'tools'] },
];

/**
 * The table in the form the Nx rule takes.
 *
 * @param {{ readonly forTests: boolean }} options
 */
export const depConstraints = ({ forTests }) =>
  layers.map(({ layer, may, inTests }) => ({
    sourceTag: `layer:${layer}`,
    onlyDependOnLibsWithTags: [...may, ...(forTests ? inTests : [])].map((name) => `layer:${name}`),
    bannedExternalImports: drivers
      .filter(({ owners }) => !owners.includes(layer))
      .flatMap((driver) => [driver.package, `${driver.package}/*`]),
  }));
