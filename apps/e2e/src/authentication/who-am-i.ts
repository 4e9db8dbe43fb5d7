import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kubectl, type RawClient, type RawReply, readKubeconfig } from '@reckon/testkit';

export interface UserInfo {
  readonly username?: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };

/** Who the server takes the sender for; its status where that is none. */
export async function whoAmI(
  client: RawClient,
  headers: Readonly<Record<string, string>> = {},
): Promise<UserInfo | number> {
  const reply = await send(client, headers);
  if (reply.status !== 201) return reply.status;
  return (reply.body as { status: { userInfo: UserInfo } }).status.userInfo;
}

/** Every user may ask this, strangers may not. */
export const send = (client: RawClient, headers: Readonly<Record<string, string>> = {}): Promise<RawReply> =>
  client.send('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', { body: review, headers });

/** A kubectl whose kubeconfig leads to the same server and has a user that `config set-credentials` makes of `args`. */
export async function kubectlAs(kubeconfig: string, args: readonly string[]): Promise<Kubectl> {
  const { server, caPem } = readKubeconfig(kubeconfig);
  const folder = mkdtempSync(join(kubeconfig, '..', 'user-'));
  const ca = join(folder, 'ca.crt');
  writeFileSync(ca, caPem);
  const kubectl = new Kubectl(join(folder, 'kubeconfig'));
  await kubectl.run(['config', 'set-cluster', 'c', `--server=${server}`, `--certificate-authority=${ca}`]);
  await kubectl.run(['config', 'set-credentials', 'u', ...args]);
  await kubectl.run('config set-context c --cluster=c --user=u');
  await kubectl.run('config use-context c');
  return kubectl;
}

export const whoAmIBy = async (kubectl: Kubectl, ...args: readonly string[]): Promise<UserInfo> =>
  JSON.parse(await kubectl.run(['auth', 'whoami', '-o', 'jsonpath={.status.userInfo}', ...args])) as UserInfo;
