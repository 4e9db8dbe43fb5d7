import { type LogFormat, logFormats } from '../log-format';
import { bool, choice, duration, each, file, float, list, oneOf, port, text, whole } from './flag';
import type { IdleFlags } from './flag-table';

/** Sections that several programs have, as k8s.io/apiserver/pkg/server/options and component-base/config/options give them. */

export const globalFlags = {
  help: bool('show this text', false, { shorthand: 'h' }),
  version: bool('print the version and end'),
};

export const logFlags = {
  'logging-format': oneOf<LogFormat>('what log lines are; default: text on a terminal, json elsewhere', logFormats),
  v: whole(
    'log level: 0 warnings, 1 information, 2 and more everything, from 3 on a line for each request to the apiserver',
    { initial: 0, most: 20 },
    { shorthand: 'v' },
  ),
};

export const tlsFlags = {
  'tls-cipher-suites': list(
    'cipher suites of the HTTPS server up to TLS 1.2, as Go names them; default: those of node',
  ),
  'tls-min-version': text(
    'oldest version of TLS: VersionTLS10, VersionTLS11, VersionTLS12 (the default), VersionTLS13',
  ),
};

/** Of the servers that k8s.io/apiserver makes; the kubelet's is another. */
const moreTlsFlags = {
  'tls-curve-preferences': list(
    'groups for the key exchange by the numbers that Go gives them: 23 P-256, 24 P-384, 25 P-521, 29 X25519, 4588 X25519MLKEM768; default: those of node',
    [],
    { placeholder: 'int32Slice' },
  ),
  'tls-sni-cert-key': each(
    'certificate and key for those who ask for certain names, as in foo.crt,foo.key:*.foo.com,foo.com; without names, those in the certificate; may be repeated',
    { placeholder: 'namedCertKey' },
  ),
};

export const secureServingFlags = (securePort: number) => ({
  ...tlsFlags,
  ...moreTlsFlags,
  'bind-address': text('address to listen on', '0.0.0.0', { placeholder: 'ip' }),
  'secure-port': port('HTTPS port; 0 takes a free one', securePort),
  'cert-dir': text('folder with <program>.crt and <program>.key, used when no certificate is named and they are there'),
  'tls-cert-file': file('certificate (and its chain) of the HTTPS server; without one it is made at the start'),
  'tls-private-key-file': file('key of --tls-cert-file'),
});

export const delegatedAuthenticationFlags = {
  'authentication-kubeconfig': file('how to reach the apiserver that reviews tokens; default: --kubeconfig'),
  'authentication-skip-lookup': bool('do not read the client CA from the cluster'),
  'authentication-token-webhook-cache-ttl': duration('how long a reviewed token is remembered', '10s'),
  'client-ca-file': file('who shows a client certificate of these authorities is who it names'),
};

export const delegatedAuthorizationFlags = {
  'authorization-always-allow-paths': list('paths that anybody may read', ['/healthz', '/readyz', '/livez']),
  'authorization-kubeconfig': file('how to reach the apiserver that is asked for rights; default: --kubeconfig'),
  'authorization-webhook-cache-authorized-ttl': duration('how long a yes is remembered', '10s'),
  'authorization-webhook-cache-unauthorized-ttl': duration('how long a no is remembered', '10s'),
};

export const leaderElectionFlags = (name: string) => ({
  'leader-elect': bool('act only while this one of several holds the lease', true),
  'leader-elect-lease-duration': duration('others take the lease when it was not renewed for this long', '15s'),
  'leader-elect-renew-deadline': duration('a leader that cannot renew for this long ends', '10s'),
  'leader-elect-retry-period': duration('time between attempts to take or renew the lease', '2s'),
  'leader-elect-resource-lock': choice('what is held: a Lease', ['leases'] as const, 'leases'),
  'leader-elect-resource-name': text('name of the lease', name),
  'leader-elect-resource-namespace': text('namespace of the lease', 'kube-system'),
});

export const clientFlags = {
  kubeconfig: file('how to reach the apiserver, and who we are; without it, the service account of this pod'),
  master: text("the apiserver's address, instead of the kubeconfig's"),
};

/** Upstream limits its programs by default; the numbers are its defaults. */
export const requestRateFlags = ({ qps, burst }: { readonly qps: number; readonly burst: number }) => ({
  'kube-api-qps': float(
    `requests to the apiserver per second, watches aside; without it and --kube-api-burst there is no limit (upstream: ${String(qps)})`,
    0,
  ),
  'kube-api-burst': whole(`requests at once after a pause, where a rate is set; 0 stands for ${String(burst)}`, {
    initial: 0,
  }),
});

export const sharedIdle = {
  http2: { section: 'Secure serving', names: 'disable-http2-serving? http2-max-streams-per-connection' },
  sharing: { section: 'Secure serving', names: 'permit-address-sharing? permit-port-sharing?' },
  delegatedAuthentication: {
    section: 'Authentication',
    names: `authentication-tolerate-lookup-failure? requestheader-allowed-names requestheader-client-ca-file
      requestheader-extra-headers-prefix requestheader-group-headers requestheader-uid-headers requestheader-username-headers`,
  },
  metrics: {
    section: 'Metrics',
    names: 'allow-metric-labels allow-metric-labels-manifest disabled-metrics show-hidden-metrics-for-version',
  },
  logs: {
    section: 'Logs',
    names: `log-flush-frequency log-json-info-buffer-size log-json-split-stream? log-text-info-buffer-size
      log-text-split-stream? vmodule add-dir-header? alsologtostderr? log-backtrace-at log-dir log-file
      log-file-max-size logtostderr? one-output? skip-headers? skip-log-headers? stderrthreshold`,
  },
  features: { section: 'Features', names: 'contention-profiling? profiling? debug-socket-path' },
  gates: {
    section: 'Component',
    names: 'emulated-version emulation-forward-compatible? min-compatibility-version',
  },
} satisfies Record<string, IdleFlags>;
