import { hostname } from 'node:os';
import { type Running, RunningSet } from '@reckon/kernel';
import { defaultLimits } from '@reckon/serve/http';
import { admissionPluginsOf } from '../admission-plugins-of';
import { allowedOrigins } from '../allowed-origins';
import { agentBasics } from '../agents/agent-basics';
import { auditOptions } from '../audit/audit-options';
import { type Authorization, allowsEverybody } from '../authorizers';
import { certificateFiles } from '../component-server/serving-certificate';
import { tlsSecurity } from '../component-server/tls-security';
import { admissionOptions } from '../config/admission-config';
import { encryptionChoice } from '../encryption/follow-encryption';
import { fatalChannel } from '../fatal-channel';
import { type ApiserverFlags, apiserverFlags } from '../flags/apiserver-flags';
import { flagTexts, withDurations } from '../flag-texts';
import { holdDirectory } from '../held-directory';
import { kubeletClient } from '../isolate/isolated-agents';
import { kubeletDialer } from '../kubelet-dialer';
import { type KubeletFiles, kubeletFiles } from '../kubelet-files';
import { createLogger } from '../logger';
import { OptionError } from '../option-error';
import { readAuthentication } from '../read-authentication';
import { readAuthorization } from '../read-authorization';
import { readRelayFlags } from '../read-relay-flags';
import { retentionRules } from '../retention-rules';
import type { ServerOptions } from '../server-options';
import type { ServiceAccountKeys } from '../service-account-keys';
import { startServerPlane } from '../server-plane';
import { TimeSpent } from '../time-spent';
import { type TlsFiles, namedCertificateFiles, openTlsFiles, strictTransportSecurity } from '../tls-files';
import { readTokenKeys } from '../token-keys';
import type { ProgramRun } from './run-program';

type Run = ProgramRun<(typeof apiserverFlags)['sections']>;

/** `reckon apiserver`. In flow order. */
export async function startApiserver({ parsed, signal, say, warn, fail }: Run): Promise<Running> {
  const flags = parsed.values;
  const authorization = await readAuthorization({ flags, given: parsed.given, warn });
  const authentication = await readAuthentication({
    flags,
    given: parsed.given,
    ownIssuers: flags['service-account-issuer'],
    warn,
  });
  const audit = auditOptions(flags, warn);
  const kubelets = kubeletFiles(flags);
  const options = {
    ...serverOptions(flags, { authorization, kubelets, signal }),
    authentication,
    ...(audit === undefined ? {} : { audit }),
    ...flowControlSeats(flags),
    ...http2Options(flags, parsed.given, warn),
    ...(await admissionOptions(flags['admission-control-config-file'])),
    tls: tlsSecurity(flags, warn),
    ...(await encryptionChoice({
      file: flags['encryption-provider-config'],
      isFollowed: flags['encryption-provider-config-automatic-reload'],
    })),
    ...(await readRelayFlags({
      nats: flags.nats,
      natsStream: flags['nats-stream'],
      natsSubjectPrefix: flags['nats-subject-prefix'],
      natsCreds: flags['nats-creds'],
      natsUser: flags['nats-user'],
      natsPassword: flags['nats-password'],
      natsTlsCa: flags['nats-tls-ca'],
      natsTlsCert: flags['nats-tls-cert'],
      natsTlsKey: flags['nats-tls-key'],
      natsIncludeSecrets: flags['nats-include-secrets'],
    })),
  };
  if (allowsEverybody(authorization) && parsed.given.has('anonymous-auth') && flags['anonymous-auth'])
    warn('reckon: --anonymous-auth: without effect, since AlwaysAllow lets everybody do everything');
  const running = new RunningSet();
  const basics = agentBasics(createLogger('apiserver', flags.v, flags['logging-format']));
  const fatal = fatalChannel();
  const spent = new TimeSpent(basics.clock);
  spent.mark('load');
  try {
    const { directory, hadLog } = running.add(holdDirectory(flags['data-dir']));
    running.add(kubelets.follow(basics));
    const plane = running.add(await startServerPlane({ ...basics, directory, hadLog, fatal, spent, options }));
    fatal.listen(fail);
    say(`apiserver is ready on ${plane.server} (${spent.toString()})`);
    say(`export KUBECONFIG=${directory.kubeconfig}`);
    return running;
  } catch (error) {
    await running.stop();
    throw error;
  }
}

function serverOptions(
  flags: ApiserverFlags,
  parts: { readonly authorization: Authorization; readonly kubelets: KubeletFiles; readonly signal: AbortSignal },
): ServerOptions {
  const { authorization, kubelets, signal } = parts;
  const tlsFiles = openTlsFiles(tlsFilesOf(flags));
  const hsts = strictTransportSecurity(flags['strict-transport-security-directives']);
  const allowsOrigin = allowedOrigins(flags['cors-allowed-origins']);
  const inFlight = (count: number): number => (count === 0 ? Number.MAX_SAFE_INTEGER : count);
  return {
    bindAddress: flags['bind-address'],
    port: flags['secure-port'],
    portFlag: '--secure-port',
    serviceClusterIpRange: flags['service-cluster-ip-range'],
    serviceNodePortRange: flags['service-node-port-range'],
    // Where everybody may do everything, strangers are not let in (apiserver options `ApplyAuthorization`).
    anonymousAuth: flags['anonymous-auth'] && !allowsEverybody(authorization),
    ...(flags['token-auth-file'] === '' ? {} : { tokenAuthFile: flags['token-auth-file'] }),
    ...admissionPluginsOf(flags),
    tolerationSeconds: {
      notReady: flags['default-not-ready-toleration-seconds'],
      unreachable: flags['default-unreachable-toleration-seconds'],
    },
    authorization,
    limits: {
      ...defaultLimits,
      maxInFlight: inFlight(flags['max-requests-inflight']),
      maxMutatingInFlight: inFlight(flags['max-mutating-requests-inflight']),
      minWatchMs: flags['min-request-timeout'] * 1_000,
      requestMs: flags['request-timeout'],
    },
    eventTtlMs: flags['event-ttl'],
    retention: retentionRules(flags.retention, flags['event-ttl']),
    hosts: [hostname(), ...(flags['external-hostname'] === '' ? [] : [flags['external-hostname']])],
    ...(flags['external-hostname'] === '' ? {} : { externalHostname: flags['external-hostname'] }),
    ...(flags['advertise-address'] === '' ? {} : { advertiseAddress: flags['advertise-address'] }),
    ...(tlsFiles === undefined ? {} : { tlsFiles }),
    ...(hsts === undefined ? {} : { strictTransportSecurity: hsts }),
    ...(allowsOrigin === undefined ? {} : { allowsOrigin }),
    shutdown: {
      delayMs: flags['shutdown-delay-duration'],
      sendsRetryAfter: flags['shutdown-send-retry-after'],
      watchGraceMs: flags['shutdown-watch-termination-grace-period'],
    },
    serviceAccounts: serviceAccountKeys(flags),
    kubelet({ storage, pki }) {
      const own = kubelets.client() === undefined ? kubeletClient(pki) : undefined;
      return kubeletDialer(storage, {
        preferred: flags['kubelet-preferred-address-types'],
        client: () => kubelets.client() ?? own,
        tls: kubelets.tls,
      });
    },
    hasSocket: false,
    verbosity: flags.v,
    ...(flags['logging-format'] === undefined ? {} : { loggingFormat: flags['logging-format'] }),
    signal,
    flags: flagTexts(configOf(flags)),
    configz: () => ({ 'apiserver.reckon': configOf(flags) }),
  };
}

function tlsFilesOf(flags: ApiserverFlags): TlsFiles {
  const serving = certificateFiles(flags, 'apiserver');
  const clientCaFile = flags['client-ca-file'];
  return {
    ...(serving === undefined ? {} : { serving }),
    named: flags['tls-sni-cert-key'].map(namedCertificateFiles),
    ...(clientCaFile === '' ? {} : { clientCaFile }),
  };
}

/** The two limits of requests in flight are one under priority and fairness. */
function flowControlSeats(flags: ApiserverFlags): Pick<ServerOptions, 'flowControlSeats'> {
  if (!flags['enable-priority-and-fairness']) return {};
  const seats = flags['max-requests-inflight'] + flags['max-mutating-requests-inflight'];
  if (seats === 0)
    throw new OptionError(
      '--max-requests-inflight and --max-mutating-requests-inflight: they must add up to something positive',
      'give one of them, or --enable-priority-and-fairness=false for no limit',
    );
  return { flowControlSeats: seats };
}

/** apiserver options `ServerRunOptions.Validate` */
function http2Options(
  flags: ApiserverFlags,
  given: ReadonlySet<string>,
  warn: (line: string) => void,
): Pick<ServerOptions, 'http2'> {
  const { 'goaway-chance': goawayChance, 'http2-max-streams-per-connection': maxStreams } = flags;
  if (goawayChance < 0 || goawayChance > 0.02)
    throw new OptionError(
      '--goaway-chance can not be less than 0 or greater than 0.02',
      'at 0.001 a connection lives for a thousand requests on average',
    );
  if (flags.http2 && !flags['disable-http2-serving'])
    return { http2: { goawayChance, ...(maxStreams === 0 ? {} : { maxStreams }) } };
  for (const name of ['goaway-chance', 'http2-max-streams-per-connection'] as const)
    if (given.has(name)) warn(`reckon: --${name}: without effect, since HTTP/2 is off; --http2 turns it on`);
  return {};
}

/** pkg/kubeapiserver/options `BuiltInAuthenticationOptions.Validate`, pkg/controlplane/apiserver/options `Complete` */
function serviceAccountKeys(flags: ApiserverFlags): NonNullable<ServerOptions['serviceAccounts']> {
  const issuers = flags['service-account-issuer'];
  for (const issuer of issuers)
    if (issuer.includes(':') && !URL.canParse(issuer))
      throw new OptionError(
        `--service-account-issuer: ${issuer} is no URL`,
        'give one like https://kubernetes.default.svc',
      );
  if (issuers.length === 0)
    throw new OptionError('--service-account-issuer: one is needed', 'give one like https://kubernetes.default.svc');
  const twice = issuers.find((issuer, i) => issuers.indexOf(issuer) < i);
  if (twice !== undefined)
    throw new OptionError(`service-account-issuer ${JSON.stringify(twice)} is already specified`, 'name each once');
  const signingFile = flags['service-account-signing-key-file'];
  const { signingKeyPem, keyPems } = readTokenKeys({
    signingKeyFile: signingFile === '' ? undefined : signingFile,
    keyFiles: flags['service-account-key-file'],
  });
  const maxMs = flags['service-account-max-token-expiration'];
  if (maxMs !== 0 && (maxMs < 3_600_000 || maxMs > 2 ** 32 * 1_000))
    throw new OptionError(
      'the service-account-max-token-expiration must be between 1 hour and 2^32 seconds',
      'give one like 24h, or 0 for no limit',
    );
  const jwksUri = flags['service-account-jwks-uri'];
  refuseJwksUri(jwksUri);
  return (pki): ServiceAccountKeys => ({
    signingKeyPem: signingKeyPem ?? pki.serviceAccountKeyPem,
    keyPems,
    issuers,
    audiences: flags['api-audiences'],
    ...(jwksUri === '' ? {} : { jwksUri }),
    extendExpiration: flags['service-account-extend-token-expiration'],
    lookup: flags['service-account-lookup'],
    ...(maxMs === 0 ? {} : { maxExpirationSeconds: Math.floor(maxMs / 1_000) }),
  });
}

/** Who verifies tokens trusts what is there, so it must come over TLS. */
function refuseJwksUri(uri: string): void {
  if (uri === '') return;
  const hint = 'give one like https://keys.example/openid/v1/jwks';
  if (!URL.canParse(uri)) throw new OptionError(`service-account-jwks-uri must be a valid URL: ${uri}`, hint);
  if (new URL(uri).protocol !== 'https:')
    throw new OptionError(`service-account-jwks-uri requires https scheme, parsed as: ${uri}`, hint);
}

/** Files by name, never by content; no passwords. */
const configOf = (flags: ApiserverFlags): Readonly<Record<string, unknown>> => withDurations(apiserverFlags, flags);
