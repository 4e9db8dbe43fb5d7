import type { Random } from '@reckon/kernel';
import type { UserInfo } from '@reckon/registry/generic';
import { manyNodesGroup } from '@reckon/serve/authz';

/** One embedded program: the user it is, and the secret by which the apiserver knows it. */
export interface AgentIdentity {
  readonly user: UserInfo;
  readonly token: string;
}

export interface AgentIdentities {
  readonly controllerManager: AgentIdentity;
  readonly scheduler: AgentIdentity;
  readonly kubelet: AgentIdentity;
  /** By name of the ServiceAccount in kube-system. */
  readonly controllers: Readonly<Record<string, AgentIdentity>>;
}

/** The kubelet of `reckon up`, which is all the nodes: its group gives it the rights of `system:node`. */
export const kubeletUser = 'system:node:reckon';
export const kubeletGroups: readonly string[] = ['system:nodes', manyNodesGroup];

/** Tokens live in memory only and for this run only. */
export function newAgentIdentities(random: Random, serviceAccounts: readonly string[]): AgentIdentities {
  const identity = (user: UserInfo): AgentIdentity => ({ user, token: `${random.uuid()}${random.uuid()}` });
  return {
    controllerManager: identity({ name: 'system:kube-controller-manager', groups: [] }),
    scheduler: identity({ name: 'system:kube-scheduler', groups: [] }),
    kubelet: identity({ name: kubeletUser, groups: kubeletGroups }),
    controllers: Object.fromEntries(
      serviceAccounts.map((name) => [
        name,
        identity({
          name: `system:serviceaccount:kube-system:${name}`,
          groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system'],
        }),
      ]),
    ),
  };
}

export function allIdentities(identities: AgentIdentities): readonly AgentIdentity[] {
  return [
    identities.controllerManager,
    identities.scheduler,
    identities.kubelet,
    ...Object.values(identities.controllers),
  ];
}
