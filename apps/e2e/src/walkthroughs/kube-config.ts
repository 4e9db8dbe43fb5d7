import { KubeConfig, type User } from '@kubernetes/client-node';
import { readKubeconfig } from '@reckon/testkit';

/** What a program of @kubernetes/client-node is told: the server and the authority of a kubeconfig, and who it is. */
export function kubeConfigOf(kubeconfig: string, user: Omit<User, 'name'>): KubeConfig {
  const { server, caPem } = readKubeconfig(kubeconfig);
  const config = new KubeConfig();
  const caData = Buffer.from(caPem).toString('base64');
  config.loadFromClusterAndUser({ name: 'c', server, caData, skipTLSVerify: false }, { name: 'u', ...user });
  return config;
}
