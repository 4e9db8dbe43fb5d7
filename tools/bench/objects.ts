const filler = (length: number): string => 'abcdefghijklmnopqrstuvwxyz'.repeat(Math.ceil(length / 26)).slice(0, length);

/**
 * A pod as a controller would post it; with what a server adds about 2.6 KB. It names a scheduler that is not there: the rows are about
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
