import { writeWhole } from './private-file';

export type KubeconfigUser = { readonly cert: string; readonly key: string } | { readonly token: string };

export interface KubeconfigRequest {
  readonly path: string;
  readonly server: string;
  /** Absent for plain HTTP. */
  readonly caPem?: string;
  readonly user: KubeconfigUser;
  /** Names the context, and with it the cluster. */
  readonly context: string;
  readonly userName?: string;
  readonly namespace?: string;
}

/** The kubeconfig as text: JSON, which is YAML too, so that nothing has to be quoted right. */
export function kubeconfigText(request: Omit<KubeconfigRequest, 'path'>): string {
  const { server, caPem, user, context, userName = `${context}-admin`, namespace } = request;
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: context,
        cluster: { server, ...(caPem === undefined ? {} : { 'certificate-authority-data': base64(caPem) }) },
      },
    ],
    users: [
      {
        name: userName,
        user:
          'token' in user
            ? { token: user.token }
            : { 'client-certificate-data': base64(user.cert), 'client-key-data': base64(user.key) },
      },
    ],
    contexts: [
      {
        name: context,
        context: { cluster: context, user: userName, ...(namespace === undefined ? {} : { namespace }) },
      },
    ],
    'current-context': context,
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}

/** Writes a kubeconfig whole, mode 0600. */
export async function writeKubeconfig(request: KubeconfigRequest): Promise<void> {
  await writeWhole(request.path, kubeconfigText(request), 0o600);
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
