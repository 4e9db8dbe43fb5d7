import { readFileSync } from 'node:fs';
import { loadKubeconfig } from '@reckon/client/rest';
import type { WebhookEndpoint } from '@reckon/serve/authn';
import { versionInfo } from '@reckon/serve/http';

/** Where the current context of a kubeconfig leads. Throws what cannot be read or used. */
export function readReviewEndpoint(file: string): WebhookEndpoint {
  const userAgent = `kube-apiserver/${versionInfo.gitVersion}`;
  const config = loadKubeconfig(file, { userAgent });
  const { server, caPem, certPem, keyPem, insecureSkipTlsVerify, tokenFile } = config;
  if (!URL.canParse(server)) throw new Error(`${file}: its server ${server} is no URL`);
  if (!server.startsWith('https:')) throw new Error(`${file}: its server ${server} must begin with https:`);
  const token = tokenFile === undefined ? config.token : readFileSync(tokenFile, 'utf8').trim();
  return {
    server,
    ...(caPem === undefined ? {} : { caPem }),
    ...(certPem === undefined ? {} : { certPem }),
    ...(keyPem === undefined ? {} : { keyPem }),
    ...(token === undefined ? {} : { token }),
    ...(insecureSkipTlsVerify === undefined ? {} : { insecureSkipTlsVerify }),
  };
}
