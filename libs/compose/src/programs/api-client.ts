import {
  type ClientConfig,
  ClientConfigError,
  type RequestRate,
  RestClient,
  inClusterConfig,
  loadKubeconfig,
} from '@reckon/client/rest';
import type { Running } from '@reckon/kernel';
import type { AgentBasics } from '../agents/agent-basics';
import { programVersion } from './version';

export interface ApiClientFlags {
  readonly kubeconfig: string;
  readonly master?: string;
}

/** How to reach the apiserver, in client-go's order: `--kubeconfig` (and `--master`), else the service account of the pod we run in. */
export function apiClientConfig({ kubeconfig, master = '' }: ApiClientFlags, component: string): ClientConfig {
  const userAgent = `${component}/${programVersion} (reckon)`;
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

/** The clients of a program. */
export interface ProgramClients extends Running {
  /** Does its work, at the rate that its flags allow. */
  readonly rest: RestClient;
  /** Renews its lease and asks who may read its pages: over connections of its own, so that no amount of work holds these up. */
  readonly aside: RestClient;
}

export function programClients(
  config: ClientConfig,
  basics: AgentBasics,
  requestRate: RequestRate | undefined,
): ProgramClients {
  const rest = apiClient(requestRate === undefined ? config : { ...config, requestRate }, basics);
  const aside = apiClient(config, basics);
  return {
    rest,
    aside,
    async stop() {
      await Promise.all([rest.close(), aside.close()]);
    },
  };
}
