import type { Pki } from '@reckon/pki';
import type { KubeletAddress, KubeletDialer } from '@reckon/serve/subresources';
import type { Storage } from '@reckon/store/contract';
import { clusterNodePrefix } from './cluster-node-prefix';
import { kubeletClient } from './isolate/isolated-agents';
import { kubeletDialer } from './kubelet-dialer';

const ownNode = new RegExp(`^${clusterNodePrefix}-\\d+$`);

export interface ClusterKubeletsParts {
  readonly storage: Pick<Storage, 'newest'>;
  readonly pki: Pki;
  /** Where the kubelet is that keeps the cluster's own nodes: the addresses that these tell lead nowhere. */
  readonly own: KubeletDialer;
}

/** The kubelet of a node of `reckon up`: one that joined later, `reckon kubelet` or another, is where its Node says. */
export function clusterKubelets({ storage, pki, own }: ClusterKubeletsParts): KubeletDialer {
  let others: KubeletDialer | undefined;
  const dialerOfOthers = (client: NonNullable<KubeletAddress['client']>): KubeletDialer =>
    kubeletDialer(storage, {
      preferred: ['InternalIP', 'InternalDNS', 'ExternalIP', 'ExternalDNS', 'Hostname'],
      tls: () => 'unverified',
      client: () => client,
    });
  return (nodeName): KubeletAddress => {
    if (ownNode.test(nodeName)) return own(nodeName);
    // A certificate is issued for them: seldom needed, so not before the first.
    others ??= dialerOfOthers(kubeletClient(pki));
    return others(nodeName);
  };
}
