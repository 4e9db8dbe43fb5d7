import { type RelayOptions, relayOptionsSchema } from '@reckon/store/relay';
import { OptionError } from './option-error';
import { checkRelayFiles } from './relay-thread';

/** What is told of NATS on a command line; each member is a flag. */
export interface RelayFlags {
  readonly nats?: string | undefined;
  readonly natsStream?: string | undefined;
  readonly natsSubjectPrefix?: string | undefined;
  readonly natsCreds?: string | undefined;
  readonly natsUser?: string | undefined;
  readonly natsPassword?: string | undefined;
  readonly natsTlsCa?: string | undefined;
  readonly natsTlsCert?: string | undefined;
  readonly natsTlsKey?: string | undefined;
  readonly natsIncludeSecrets?: boolean | undefined;
}

/** The flag behind each member of the relay's options. */
const flagOf = {
  servers: '--nats',
  stream: '--nats-stream',
  subjectPrefix: '--nats-subject-prefix',
  credsFile: '--nats-creds',
  user: '--nats-user',
  password: '--nats-password',
  tlsCaFile: '--nats-tls-ca',
  tlsCertFile: '--nats-tls-cert',
  tlsKeyFile: '--nats-tls-key',
  includeSecrets: '--nats-include-secrets',
} as const satisfies Record<keyof RelayOptions, string>;

/** Undefined without `--nats`: then there is no relay. Throws `OptionError` that names the flag. */
export function relayOptionsOf(flags: RelayFlags): RelayOptions | undefined {
  const given = {
    servers: flags.nats,
    stream: flags.natsStream,
    subjectPrefix: flags.natsSubjectPrefix,
    credsFile: flags.natsCreds,
    user: flags.natsUser,
    password: flags.natsPassword,
    tlsCaFile: flags.natsTlsCa,
    tlsCertFile: flags.natsTlsCert,
    tlsKeyFile: flags.natsTlsKey,
    includeSecrets: flags.natsIncludeSecrets === true ? true : undefined,
  } satisfies Record<keyof RelayOptions, unknown>;
  const named = Object.entries(given).filter(([, value]) => value !== undefined && value !== '');
  if (flags.nats === undefined || flags.nats === '') {
    const [first] = named;
    if (first === undefined) return undefined;
    throw new OptionError(
      `${flagOf[first[0] as keyof typeof flagOf]} is given without --nats`,
      'name the NATS server, like --nats nats://127.0.0.1:4222',
    );
  }
  const read = relayOptionsSchema.safeParse(Object.fromEntries(named));
  if (!read.success) {
    const [issue] = read.error.issues;
    const flag = flagOf[issue?.path[0] as keyof typeof flagOf] ?? '--nats';
    throw new OptionError(`${flag}: ${issue?.message ?? 'is not understood'}`, 'docs/feed.md shows what is taken');
  }
  checkRelayFiles(read.data);
  return read.data;
}
