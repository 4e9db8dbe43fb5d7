import { condition, object, podTemplate, type ResourceExample } from './resource-example';

export const coreExamples: readonly ResourceExample[] = [
  {
    resource: '/v1/configmaps',
    object: object('namespaced', 'v1', 'ConfigMap', 'settings', {
      data: { color: 'red' },
      binaryData: { raw: 'AQID' },
    }),
  },
  {
    resource: '/v1/endpoints',
    object: object('namespaced', 'v1', 'Endpoints', 'outside', {
      subsets: [{ addresses: [{ ip: '198.51.100.7' }], ports: [{ name: 'web', port: 8080 }] }],
    }),
  },
  {
    resource: '/v1/events',
    object: object('namespaced', 'v1', 'Event', 'noted.1', {
      involvedObject: { kind: 'ConfigMap', namespace: 'examples', name: 'settings' },
      reason: 'Noted',
      message: 'noted',
      type: 'Normal',
      source: { component: 'example' },
    }),
  },
  {
    resource: '/v1/limitranges',
    object: object('namespaced', 'v1', 'LimitRange', 'limits', {
      spec: { limits: [{ type: 'PersistentVolumeClaim', max: { storage: '5Gi' } }] },
    }),
  },
  {
    resource: '/v1/namespaces',
    object: object('cluster', 'v1', 'Namespace', 'example-namespace', {}),
    status: { conditions: [condition('Tested')] },
  },
  {
    resource: '/v1/nodes',
    object: object('cluster', 'v1', 'Node', 'example-node', { spec: { unschedulable: true } }),
    status: { capacity: { cpu: '4', memory: '8Gi', pods: '110' } },
  },
  {
    resource: '/v1/persistentvolumeclaims',
    object: object('namespaced', 'v1', 'PersistentVolumeClaim', 'claim', {
      spec: { storageClassName: '', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2Gi' } } },
    }),
    status: { conditions: [condition('Resizing')] },
  },
  {
    resource: '/v1/persistentvolumes',
    object: object('cluster', 'v1', 'PersistentVolume', 'example-volume', {
      spec: { capacity: { storage: '3Gi' }, accessModes: ['ReadOnlyMany'], nfs: { server: 'nfs.example', path: '/v' } },
    }),
    status: { phase: 'Available' },
  },
  {
    resource: '/v1/pods',
    object: object('namespaced', 'v1', 'Pod', 'pod', {
      // Of no scheduler that runs, so that nobody else writes it.
      spec: { schedulerName: 'none', containers: [{ name: 'main', image: 'registry.example/app:1' }] },
    }),
    status: { conditions: [condition('example.com/tested')] },
  },
  {
    resource: '/v1/podtemplates',
    object: object('namespaced', 'v1', 'PodTemplate', 'template', { template: podTemplate() }),
  },
  {
    resource: '/v1/replicationcontrollers',
    object: object('namespaced', 'v1', 'ReplicationController', 'controller', {
      spec: { replicas: 0, selector: { app: 'example' }, template: podTemplate() },
    }),
    status: { replicas: 0, conditions: [condition('Tested')] },
  },
  {
    resource: '/v1/resourcequotas',
    object: object('namespaced', 'v1', 'ResourceQuota', 'quota', { spec: { hard: { 'count/jobs.batch': '9' } } }),
    status: { used: { 'count/jobs.batch': '1' } },
  },
  {
    resource: '/v1/secrets',
    object: object('namespaced', 'v1', 'Secret', 'secret', { type: 'example.com/kind', data: { word: 'c2VzYW1l' } }),
  },
  {
    resource: '/v1/serviceaccounts',
    object: object('namespaced', 'v1', 'ServiceAccount', 'robot', { automountServiceAccountToken: false }),
  },
  {
    resource: '/v1/services',
    object: object('namespaced', 'v1', 'Service', 'service', {
      spec: { type: 'LoadBalancer', selector: { app: 'example' }, ports: [{ port: 443, targetPort: 'web' }] },
    }),
    status: { loadBalancer: { ingress: [{ ip: '203.0.113.9', ipMode: 'VIP' }] } },
  },
];
