import type { FrontProxyFiles, FurtherAuthentication } from './read-authentication';

/**
 * Trusts the front proxy of the data directory where no flag names another, by the names and headers that kubeadm gives
 * `--requestheader-*`: servers that leave authentication to this one find them in the ConfigMap `extension-apiserver-authentication`,
 * and do without at the price of a complaint for ever.
 */
export function withOwnFrontProxy(further: FurtherAuthentication, caPem: string): FurtherAuthentication {
  return further.frontProxy === undefined ? { ...further, frontProxy: ownFrontProxy(caPem) } : further;
}

const ownFrontProxy = (caPem: string): FrontProxyFiles => ({
  caPem,
  allowedNames: ['front-proxy-client'],
  headers: {
    username: ['X-Remote-User'],
    uid: [],
    group: ['X-Remote-Group'],
    extraPrefix: ['X-Remote-Extra-'],
  },
});
