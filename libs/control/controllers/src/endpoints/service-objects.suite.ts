import type { KubeObject, ObjectMeta } from '@reckon/api/machinery';

/** A Service `web` that selects `app: web` and sends its port 80 to the pods' port `http`. */
export function webService(metadata: ObjectMeta = {}, spec: object = {}): KubeObject {
  return {
    metadata: { name: 'web', ...metadata },
    spec: {
      clusterIP: '10.96.0.9',
      ipFamilies: ['IPv4'],
      selector: { app: 'web' },
      ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 'http' }],
      ...spec,
    },
  };
}

/** A running pod on `node-1` that `web` selects. */
export function servicePod(
  name: string,
  options: {
    ip: string;
    isReady?: boolean;
    readySince?: string;
    labels?: Record<string, string>;
    spec?: object;
    metadata?: ObjectMeta;
  },
): KubeObject {
  const { ip, isReady = true, readySince = '2026-01-01T00:00:01Z', labels = { app: 'web' } } = options;
  return {
    metadata: { namespace: 'default', name, uid: `uid-${name}`, labels, ...options.metadata },
    spec: {
      nodeName: 'node-1',
      containers: [{ name: 'c', image: 'i', ports: [{ name: 'http', containerPort: 8080 }] }],
      ...options.spec,
    },
    status: {
      phase: 'Running',
      podIP: ip,
      podIPs: [{ ip }],
      conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False', lastTransitionTime: readySince }],
    },
  };
}
