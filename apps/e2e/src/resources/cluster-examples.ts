import { condition, object, type ResourceExample } from './resource-example';

const rbac = 'rbac.authorization.k8s.io/v1';
const storage = 'storage.k8s.io/v1';
const devices = { requests: [{ name: 'one', exactly: { deviceClassName: 'example-device' } }] };

/** A request of ECDSA P-256 for `CN=example`, made by `openssl req`. */
const signingRequest = Buffer.from(
  [
    '-----BEGIN CERTIFICATE REQUEST-----',
    'MIHMMHQCAQAwEjEQMA4GA1UEAwwHZXhhbXBsZTBZMBMGByqGSM49AgEGCCqGSM49',
    'AwEHA0IABEOjeDIt+7ea3XUTLBXG61HUMlUbRYIbWE3ekeCvIIpNidFiNbqS2nBW',
    'a6Urd0xVfB08fVHWkd8eMnCpyqXQ5oCgADAKBggqhkjOPQQDAgNIADBFAiATahLn',
    'prOyXQIvx8ok8rpDh5u/GMs8+HT536iFSY47pgIhAMZp45bL6Cu9CWjjTpgJef5+',
    '15KRHta8+DqffCoR8Gk/',
    '-----END CERTIFICATE REQUEST-----',
    '',
  ].join('\n'),
).toString('base64');

export const clusterExamples: readonly ResourceExample[] = [
  {
    resource: 'apiextensions.k8s.io/v1/customresourcedefinitions',
    object: object('cluster', 'apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'gears.example.org', {
      spec: {
        group: 'example.org',
        scope: 'Cluster',
        names: { plural: 'gears', kind: 'Gear' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: 'object', properties: { teeth: { type: 'integer' } } } },
          },
        ],
      },
    }),
    status: { conditions: [condition('Tested')] },
  },
  {
    resource: 'apiregistration.k8s.io/v1/apiservices',
    object: object('cluster', 'apiregistration.k8s.io/v1', 'APIService', 'v1.nothing.example.com', {
      spec: {
        group: 'nothing.example.com',
        version: 'v1',
        groupPriorityMinimum: 50,
        versionPriority: 5,
        service: { namespace: 'examples', name: 'aggregated' },
      },
    }),
    status: { conditions: [condition('Tested')] },
  },
  {
    resource: 'certificates.k8s.io/v1/certificatesigningrequests',
    object: object('cluster', 'certificates.k8s.io/v1', 'CertificateSigningRequest', 'example-request', {
      spec: { request: signingRequest, signerName: 'example.com/signer', usages: ['digital signature', 'client auth'] },
    }),
    status: { conditions: [{ type: 'Failed', status: 'True', reason: 'Tested', message: 'no signer' }] },
  },
  {
    resource: `${rbac}/clusterrolebindings`,
    object: object('cluster', rbac, 'ClusterRoleBinding', 'example-binding', {
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'ann' }],
    }),
  },
  {
    resource: `${rbac}/clusterroles`,
    object: object('cluster', rbac, 'ClusterRole', 'example-role', {
      rules: [{ apiGroups: ['apps'], resources: ['deployments'], verbs: ['get', 'list'] }],
    }),
  },
  {
    resource: `${rbac}/rolebindings`,
    object: object('namespaced', rbac, 'RoleBinding', 'binding', {
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      subjects: [{ kind: 'ServiceAccount', name: 'robot', namespace: 'examples' }],
    }),
  },
  {
    resource: `${rbac}/roles`,
    object: object('namespaced', rbac, 'Role', 'role', {
      rules: [{ apiGroups: [''], resources: ['configmaps'], resourceNames: ['settings'], verbs: ['update'] }],
    }),
  },
  {
    resource: 'resource.k8s.io/v1/deviceclasses',
    object: object('cluster', 'resource.k8s.io/v1', 'DeviceClass', 'example-device', {
      spec: { selectors: [{ cel: { expression: 'device.driver == "device.example.com"' } }] },
    }),
  },
  {
    resource: 'resource.k8s.io/v1/resourceclaims',
    object: object('namespaced', 'resource.k8s.io/v1', 'ResourceClaim', 'device', { spec: { devices } }),
    status: {
      allocation: {
        devices: { results: [{ request: 'one', driver: 'device.example.com', pool: 'pool', device: 'd0' }] },
      },
    },
  },
  {
    resource: 'resource.k8s.io/v1/resourceclaimtemplates',
    object: object('namespaced', 'resource.k8s.io/v1', 'ResourceClaimTemplate', 'devices', {
      spec: { spec: { devices } },
    }),
  },
  {
    resource: 'resource.k8s.io/v1/resourceslices',
    object: object('cluster', 'resource.k8s.io/v1', 'ResourceSlice', 'example-devices', {
      spec: {
        driver: 'device.example.com',
        allNodes: true,
        pool: { name: 'pool', generation: 1, resourceSliceCount: 1 },
        devices: [{ name: 'd0' }],
      },
    }),
  },
  {
    resource: `${storage}/csidrivers`,
    object: object('cluster', storage, 'CSIDriver', 'disk.example.com', { spec: { attachRequired: false } }),
  },
  {
    resource: `${storage}/csinodes`,
    object: object('cluster', storage, 'CSINode', 'example-node', {
      spec: { drivers: [{ name: 'disk.example.com', nodeID: 'n-7', topologyKeys: ['example.com/rack'] }] },
    }),
  },
  {
    resource: `${storage}/csistoragecapacities`,
    object: object('namespaced', storage, 'CSIStorageCapacity', 'capacity', {
      storageClassName: 'example-storage',
      capacity: '20Gi',
    }),
  },
  {
    resource: `${storage}/storageclasses`,
    object: object('cluster', storage, 'StorageClass', 'example-storage', {
      provisioner: 'disk.example.com',
      volumeBindingMode: 'WaitForFirstConsumer',
    }),
  },
  {
    resource: `${storage}/volumeattachments`,
    object: object('cluster', storage, 'VolumeAttachment', 'example-attachment', {
      spec: {
        attacher: 'disk.example.com',
        nodeName: 'example-node',
        source: { persistentVolumeName: 'example-volume' },
      },
    }),
    status: { attached: true },
  },
  {
    resource: `${storage}/volumeattributesclasses`,
    object: object('cluster', storage, 'VolumeAttributesClass', 'example-attributes', {
      driverName: 'disk.example.com',
      parameters: { tier: 'slow' },
    }),
  },
];
