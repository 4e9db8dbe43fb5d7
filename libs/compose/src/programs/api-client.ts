import { type ClientConfig, ClientConfigError, RestClient, inClusterConfig, loadKubeconfig } from '@reckon/client/rest';
import type { AgentBasics } from '../agents/agent-basics';
import { versionInfo } from './version';

export interface ApiClientFlags {
  readonly kubeconfig: string;
  readonly master?: string;
}

/** How to reach the apiserver, in client-go's order: `--kubeconfig` (and `--master`), else the service account of the pod we run in. */
export function apiClientConfig({ kubeconfig, master = '' }: ApiClientFlags, component: string): ClientConfig {
  const userAgent = `${component}/${versionInfo.gitVersion} (reckon)`;
  if (kubeconfig !== '') {
    const config = loadKubeconfig(kubeconfig, { userAgent });
    return master === '' ? config : { ...config, server: master };
  }
  if (master !== '') return { server: master, userAgent };
  try {
    return inClusterConfig({ userAgent, env: process.env });
  } catch (cause) {
    throw new ClientConfigError('nothing says which apiserver to use', 'name a kubeconfig with --kubeconfig', {
      cause,
    });
  }
}

export const apiClient = (config: ClientConfig, basics: AgentBasics): RestClient => new RestClient(config, basics);
