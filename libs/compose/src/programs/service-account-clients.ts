import { reasonOf } from '@reckon/api/machinery';
import type { authenticationv1 } from '@reckon/api/types';
import { type ClientConfig, RestClient, type TokenSource, refs } from '@reckon/client/rest';
import { type Clock, type Running, RunningSet } from '@reckon/kernel';
import type { AgentBasics } from '../agents/agent-basics';

const namespace = 'kube-system';
const askedSeconds = 60 * 60;
/** A token is replaced when a fifth of its life is left. */
const usedShare = 0.8;

export interface ServiceAccountClients extends Running {
  /** A client with the rights of this ServiceAccount of kube-system, which is made if it is not there. */
  of(serviceAccount: string): RestClient;
}

/** `--use-service-account-credentials`, with tokens that `rest` asks for: each controller with its own rights (client-go's `DynamicClientBuilder`). */
export function serviceAccountClients(
  rest: RestClient,
  base: ClientConfig,
  basics: AgentBasics,
): ServiceAccountClients {
  const running = new RunningSet();
  const clients = new Map<string, RestClient>();
  return {
    of(serviceAccount) {
      const known = clients.get(serviceAccount);
      if (known !== undefined) return known;
      const config = withoutCredentials(base, `${base.userAgent} ${serviceAccount}`);
      const client = new RestClient(
        { ...config, tokenSource: accountTokens(rest, serviceAccount, basics.clock) },
        basics,
      );
      clients.set(serviceAccount, client);
      running.add({ stop: () => client.close() });
      return client;
    },
    stop: () => running.stop(),
  };
}

function withoutCredentials(base: ClientConfig, userAgent: string): ClientConfig {
  const { server, socketPath, caPem, insecureSkipTlsVerify, requestRate } = base;
  return {
    server,
    userAgent,
    ...(socketPath === undefined ? {} : { socketPath }),
    ...(caPem === undefined ? {} : { caPem }),
    // Each has its own rate, as upstream.
    ...(requestRate === undefined ? {} : { requestRate }),
    ...(insecureSkipTlsVerify === undefined ? {} : { insecureSkipTlsVerify }),
  };
}

/** Tokens of an account, asked for when they are needed; several who need one at the same time share the question. */
function accountTokens(rest: RestClient, name: string, clock: Clock): TokenSource {
  let current: { readonly token: string; readonly replaceAtMs: number } | undefined;
  let asking: Promise<string> | undefined;
  const ask = async (): Promise<string> => {
    const askedMs = clock.nowMs();
    const { status } = await request(rest, name);
    const endsMs = Date.parse(status?.expirationTimestamp ?? '');
    const livesMs = Number.isNaN(endsMs) ? askedSeconds * 1000 : endsMs - askedMs;
    current = { token: status?.token ?? '', replaceAtMs: askedMs + livesMs * usedShare };
    return current.token;
  };
  return {
    async token() {
      if (current !== undefined && clock.nowMs() < current.replaceAtMs) return current.token;
      asking ??= ask().finally(() => {
        asking = undefined;
      });
      return asking;
    },
    refused(token) {
      if (current?.token === token) current = undefined;
    },
  };
}

async function request(rest: RestClient, name: string): Promise<authenticationv1.TokenRequest> {
  const accounts = rest.resource(refs.serviceAccounts);
  const ask = (): Promise<authenticationv1.TokenRequest> =>
    accounts.post(namespace, name, 'token', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: askedSeconds },
    });
  try {
    return await ask();
  } catch (error) {
    if (reasonOf(error) !== 'NotFound') throw error;
  }
  await accounts.create({ metadata: { namespace, name } }).catch((error: unknown) => {
    if (reasonOf(error) !== 'AlreadyExists') throw error;
  });
  return ask();
}
