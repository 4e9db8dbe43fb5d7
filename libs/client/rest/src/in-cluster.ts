import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ClientConfig, ClientConfigError } from './client-config';

const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/** client-go/rest.InClusterConfig: environment and mounted service account. `root` replaces `/` in tests. */
export function inClusterConfig(options: {
  readonly userAgent: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly root?: string;
}): ClientConfig {
  const host = options.env['KUBERNETES_SERVICE_HOST'] ?? '';
  const port = options.env['KUBERNETES_SERVICE_PORT'] ?? '';
  if (host === '' || port === '')
    throw new ClientConfigError(
      'unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined',
      'outside a cluster name a kubeconfig with --kubeconfig',
    );
  const folder = join(options.root ?? '/', serviceAccountFolder);
  const tokenFile = join(folder, 'token');
  const caFile = join(folder, 'ca.crt');
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    token: readFileSync(tokenFile, 'utf8'),
    tokenFile,
    caPem: readFileSync(caFile, 'utf8'),
    caFile,
    namespace: readFileSync(join(folder, 'namespace'), 'utf8'),
    userAgent: options.userAgent,
  };
}
