import type { Cluster, ClusterAuthorization, RelayFlags } from '@reckon/compose';
import { startSparingly, systemClock, systemTimers } from '@reckon/kernel';
import { processTerminal, whenAskedToStop } from '@reckon/compose/programs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { addAuthenticationFlags, givenAuthenticationFlags } from './authentication-flags';
import { reportFailure } from './report-failure';

/** `reckon up`: the whole cluster in this process, until SIGINT or SIGTERM. */
export function upCommand(): Command {
  const up = new Command('up')
    .description('run a whole cluster: apiserver, controllers, scheduler and kubelet in one process')
    .option('--data-dir <folder>', 'where the event log, certificates and kubeconfig are', '.reckon')
    .option('--bind-address <address>', 'address to listen on', '127.0.0.1')
    .option('--port <n>', 'HTTPS port; 0 takes a free one', whole(0, 65_535), 6443)
    .option('--nodes <n>', 'simulated nodes', whole(0, 5_000), 2)
    .option('--service-cluster-ip-range <cidr>', 'addresses of Services', '10.96.0.0/12')
    .addOption(
      new Option('--service-node-port-range <from-to>', 'node ports of Services')
        .argParser(portRange)
        .default({ from: 30_000, to: 32_767 }, '30000-32767'),
    )
    .addOption(
      new Option(
        '--service-account-token-secrets <when>',
        'token Secrets: for every account, or only for Secrets someone creates',
      )
        .choices(['always', 'on-request'])
        .default('always'),
    )
    .option('--anonymous-auth <boolean>', 'let requests without credentials in as system:anonymous', bool, true)
    .option('--pod-stages <file>', 'stages that say how simulated pods live, in YAML or JSON')
    .option('--isolate', 'run controllers, scheduler and kubelet in processes of their own')
    .option('--token-auth-file <file>', 'CSV of static tokens: token,user,uid,"group1,group2"')
    .option(
      '--service-account-signing-key-file <file>',
      "key that signs service account tokens (default: the data directory's)",
    )
    .option(
      '--service-account-key-file <files>',
      'further keys (public or private) that service account tokens may be signed with, separated by commas',
      commas,
    )
    .option(
      '--enable-admission-plugins <names>',
      'admission plugins beside the usual ones, separated by commas',
      commas,
    )
    .option('--disable-admission-plugins <names>', 'admission plugins to leave out, separated by commas', commas)
    .option('--admission-control-config-file <file>', 'AdmissionConfiguration: what admission plugins are told')
    .option(
      '--authorization-mode <modes>',
      'who decides, in this order: AlwaysAllow, AlwaysDeny, ABAC, Webhook, RBAC, Node (default: "Node,RBAC")',
    )
    .option('--authorization-config <file>', 'an AuthorizationConfiguration, instead of --authorization-mode')
    .option('--authorization-policy-file <file>', 'policies of ABAC, each a line of JSON')
    .option('--authorization-webhook-config-file <file>', 'where the webhook of mode Webhook is: a kubeconfig')
    .option(
      '--authorization-webhook-version <version>',
      'of the reviews it is sent: v1 or v1beta1 (default: "v1beta1")',
    )
    .option(
      '--authorization-webhook-cache-authorized-ttl <duration>',
      "how long a webhook's yes is remembered (default: 5m)",
    )
    .option(
      '--authorization-webhook-cache-unauthorized-ttl <duration>',
      "how long a webhook's no is remembered (default: 30s)",
    )
    .option('--audit-policy-file <file>', 'what is written down of which requests: a Policy of audit.k8s.io/v1')
    .option('--audit-log-path <file>', 'file of the audit log; - is standard output')
    .option('--audit-webhook-config-file <file>', 'kubeconfig of the webhook that takes audit events')
    .option('--http2', 'speak HTTP/2 to clients that ask for it; it costs more than HTTP/1.1 here')
    .option('--nats <urls>', 'NATS servers with JetStream on which the log is published, like nats://127.0.0.1:4222')
    .option('--nats-stream <name>', 'name of the stream (default: "RECKON")')
    .option('--nats-subject-prefix <prefix>', 'first part of the subjects (default: "reckon")')
    .option('--nats-creds <file>', 'credentials for NATS')
    .option('--nats-user <name>', 'user for NATS')
    .option('--nats-password <password>', 'password of --nats-user')
    .option('--nats-tls-ca <file>', 'authority of the certificate of NATS')
    .option('--nats-tls-cert <file>', 'client certificate for NATS')
    .option('--nats-tls-key <file>', 'key of --nats-tls-cert')
    .option('--nats-include-secrets', 'publish what Secrets hold, not their metadata alone')
    .option(
      '--retention <rules>',
      'how long history is kept, as in pods=24h,*=168h (default: Leases 5m, Events 2h, everything else forever)',
    )
    .option(
      '--encryption-provider-config <file>',
      'EncryptionConfiguration: what is encrypted in the event log, with which keys',
    )
    .option('--encryption-provider-config-automatic-reload', 'follow that file when it changes, without a restart')
    .addOption(
      new Option(
        '--logging-format <format>',
        'what log lines are (default: text on a terminal, json elsewhere)',
      ).choices(['text', 'json']),
    )
    .option('-v, --verbosity <n>', 'log level: 0 warnings, 1 information, 2 and more everything', whole(0, 10), 0)
    .action(async (options: UpFlags, command: Command) => {
      const beganMs = systemClock.elapsedMs();
      const stop = whenAskedToStop();
      // What SQLite and others make in the data directory is for this user only.
      process.umask(0o077);
      startSparingly(systemTimers);
      const { flagTexts, startCluster } = await import('@reckon/compose');
      let cluster: Cluster;
      try {
        cluster = await startCluster({
          ...options,
          authenticationFlags: givenAuthenticationFlags(command),
          isAnonymousAuthGiven: command.getOptionValueSource('anonymousAuth') === 'cli',
          relay: options,
          flags: flagTexts(valuesByName(command)),
          beganMs,
          signal: stop.signal,
          say: processTerminal('reckon up').say,
        });
      } catch (error) {
        // Whoever gives a start up does not want to hear that it failed.
        if (stop.signal.aborted) return;
        throw error;
      }
      cluster.onFatal((error) => {
        reportFailure(error);
        process.exitCode = 1;
        stop.ask();
      });
      await stop.asked;
      await cluster.stop();
    });
  return addAuthenticationFlags(up);
}

interface UpFlags extends RelayFlags, ClusterAuthorization {
  readonly dataDir: string;
  readonly bindAddress: string;
  readonly port: number;
  readonly nodes: number;
  readonly serviceClusterIpRange: string;
  readonly serviceNodePortRange: { readonly from: number; readonly to: number };
  readonly serviceAccountTokenSecrets: 'always' | 'on-request';
  readonly anonymousAuth: boolean;
  readonly tokenAuthFile?: string;
  readonly serviceAccountSigningKeyFile?: string;
  readonly serviceAccountKeyFile?: readonly string[];
  readonly auditPolicyFile?: string;
  readonly auditLogPath?: string;
  readonly auditWebhookConfigFile?: string;
  readonly http2?: boolean;
  readonly podStages?: string;
  readonly isolate?: boolean;
  readonly enableAdmissionPlugins?: readonly string[];
  readonly disableAdmissionPlugins?: readonly string[];
  readonly admissionControlConfigFile?: string;
  readonly retention?: string;
  readonly encryptionProviderConfig?: string;
  readonly encryptionProviderConfigAutomaticReload?: boolean;
  readonly loggingFormat?: 'text' | 'json';
  readonly verbosity: number;
}

/** Every flag, given or not, by its long name. */
function valuesByName(command: Command): Record<string, unknown> {
  const values = command.opts();
  return Object.fromEntries(command.options.map((option) => [option.name(), values[option.attributeName()]] as const));
}

function whole(least: number, most: number): (text: string) => number {
  return (text) => {
    const n = Number(text);
    if (!/^\d+$/.test(text) || n < least || n > most)
      throw new InvalidArgumentError(`must be a whole number from ${String(least)} to ${String(most)}.`);
    return n;
  };
}

const commas = (text: string): string[] => text.split(',').filter((name) => name !== '');

function bool(text: string): boolean {
  if (text !== 'true' && text !== 'false') throw new InvalidArgumentError('must be true or false.');
  return text === 'true';
}

function portRange(text: string): { from: number; to: number } {
  const [, from = NaN, to = NaN] = (/^(\d+)-(\d+)$/.exec(text) ?? []).map(Number);
  if (!(from >= 1 && to >= from && to <= 65_535)) throw new InvalidArgumentError('must be like 30000-32767.');
  return { from, to };
}
