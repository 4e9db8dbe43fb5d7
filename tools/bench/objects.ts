const filler = (length: number): string => 'abcdefghijklmnopqrstuvwxyz'.repeat(Math.ceil(length / 26)).slice(0, length);

/**
 * A pod as a controller would post it, 1.7 KB; with what a server adds 4.2 KB. It names a scheduler that is not there: the rows are about
 * the apiserver, as the anchor's and the floor's are, and there is no node anyway; what scheduling costs is in `replicaset`.
 */
export function podBody(name: string): Buffer {
  return Buffer.from(
    JSON.stringify({
      kind: 'Pod',
      apiVersion: 'v1',
      metadata: {
        name,
        namespace: 'default',
        labels: { app: 'bench', tier: 'backend', 'pod-template-hash': '6d4b75cb6d' },
        annotations: { 'bench.reckon.dev/note': filler(600) },
      },
      spec: {
        schedulerName: 'bench',
        automountServiceAccountToken: false,
        containers: ['app', 'sidecar'].map((container) => ({
          name: container,
          image: `registry.example.com/bench/${container}:1.2.3`,
          command: ['/bin/server', '--listen=0.0.0.0:8080', '--log-level=info'],
          ports: [{ name: 'http', containerPort: container === 'app' ? 8080 : 9090, protocol: 'TCP' }],
          env: [
            { name: 'POD_NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
            { name: 'MODE', value: 'benchmark' },
          ],
          resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { cpu: '100m', memory: '64Mi' } },
        })),
      },
    }),
  );
}

const container = (port: number): object => ({
  '.': {},
  'f:command': {},
  'f:env': {
    '.': {},
    'k:{"name":"MODE"}': { '.': {}, 'f:name': {}, 'f:value': {} },
    'k:{"name":"POD_NAME"}': { '.': {}, 'f:name': {}, 'f:valueFrom': { '.': {}, 'f:fieldRef': {} } },
  },
  'f:image': {},
  'f:imagePullPolicy': {},
  'f:name': {},
  'f:ports': {
    '.': {},
    [`k:{"containerPort":${String(port)},"protocol":"TCP"}`]: {
      '.': {},
      'f:containerPort': {},
      'f:name': {},
      'f:protocol': {},
    },
  },
  'f:resources': {
    '.': {},
    'f:limits': { '.': {}, 'f:cpu': {}, 'f:memory': {} },
    'f:requests': { '.': {}, 'f:cpu': {}, 'f:memory': {} },
  },
  'f:terminationMessagePath': {},
  'f:terminationMessagePolicy': {},
});

/**
 * Which fields the creator of `podBody` owns, as Kubernetes records it: 1.7 KB that each answer with such a pod carries. The floor, which
 * does not work it out, must send it too, or ratios of get and list would tell of bytes and not of servers.
 */
export const podFieldsV1 = {
  'f:metadata': {
    'f:annotations': { '.': {}, 'f:bench.reckon.dev/note': {} },
    'f:labels': { '.': {}, 'f:app': {}, 'f:pod-template-hash': {}, 'f:tier': {} },
  },
  'f:spec': {
    'f:automountServiceAccountToken': {},
    'f:containers': { 'k:{"name":"app"}': container(8080), 'k:{"name":"sidecar"}': container(9090) },
    'f:dnsPolicy': {},
    'f:enableServiceLinks': {},
    'f:restartPolicy': {},
    'f:schedulerName': {},
    'f:securityContext': {},
    'f:terminationGracePeriodSeconds': {},
  },
};

/** A small object, for counting events rather than bytes. */
export function configMapBody(name: string): Buffer {
  return Buffer.from(
    JSON.stringify({
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { name, namespace: 'default' },
      data: { a: filler(100) },
    }),
  );
}
