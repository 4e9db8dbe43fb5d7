import { StorageError } from '@reckon/store/contract';
import { JetStreamApiError } from '@nats-io/jetstream';
import { errors } from '@nats-io/transport-node';

/** What can keep the relay from publishing. It waits and tries again, whatever it is; only a person can mend some of them. */
export type RelayProblemCode = keyof typeof relayProblems;

interface ProblemRow {
  readonly hint: string;
  /** A new connection is needed to go on. */
  readonly reconnects: boolean;
}

export const relayProblems = {
  Unreachable: { reconnects: true, hint: 'Start the NATS server, or name another with --nats.' },
  Unanswered: { reconnects: true, hint: 'Look at the load and the disk of the NATS server.' },
  Refused: {
    reconnects: true,
    hint: 'Give --nats-creds, or --nats-user and --nats-password, that this server accepts.',
  },
  Forbidden: {
    reconnects: true,
    hint: 'Let the user publish to the feed and to $JS.API.>, and subscribe to _INBOX.>.',
  },
  Tls: {
    reconnects: true,
    hint: 'Check --nats-tls-ca, --nats-tls-cert and --nats-tls-key against the certificate of the server.',
  },
  NoJetStream: { reconnects: true, hint: 'Start nats-server with -js, or enable JetStream for the account.' },
  StreamGone: { reconnects: false, hint: 'The relay makes it again and fills it from the log.' },
  StreamFull: { reconnects: false, hint: 'Raise the limits of the stream or of the account, or purge old messages.' },
  StreamUnfit: { reconnects: false, hint: 'Change its configuration, or name another with --nats-stream.' },
  StreamForeign: {
    reconnects: false,
    hint: 'Name another with --nats-stream (and another --nats-subject-prefix), or delete it.',
  },
  StreamAhead: {
    reconnects: false,
    hint: 'The log is an older copy of what was published. Name another with --nats-stream (and --nats-subject-prefix), or delete it.',
  },
  Overtaken: { reconnects: false, hint: 'Let nobody else publish to the subjects of the feed.' },
  Rejected: { reconnects: false, hint: 'Look into the log of the NATS server.' },
  LogUnreadable: { reconnects: false, hint: 'Run `reckon check` on the data directory.' },
} as const satisfies Readonly<Record<string, ProblemRow>>;

/** Why the relay does not get on at the moment. */
export class RelayProblem extends Error {
  readonly code: RelayProblemCode;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(
    code: RelayProblemCode,
    message: string,
    options: { readonly data?: Record<string, unknown>; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'RelayProblem';
    this.code = code;
    this.data = options.data ?? {};
  }
}

/** `err_code`s of nats-server's JetStream API (`server/errors.json`), by what they mean here. */
const byApiCode: ReadonlyMap<number, RelayProblemCode> = new Map<number, RelayProblemCode>([
  [10002, 'StreamFull'], // account resources exceeded
  [10023, 'StreamFull'], // insufficient resources
  [10025, 'NoJetStream'], // JetStream not enabled for account, of older servers
  [10026, 'StreamUnfit'], // maximum consumers or streams of the account
  [10027, 'StreamFull'], // maximum number of streams reached
  [10028, 'StreamFull'], // memory of the account
  [10039, 'NoJetStream'],
  [10047, 'StreamFull'], // storage of the account
  [10052, 'StreamUnfit'], // stream creation failed
  [10054, 'StreamUnfit'], // message larger than the stream takes
  [10059, 'StreamGone'],
  [10060, 'Overtaken'], // another stream answered
  [10065, 'StreamUnfit'], // subjects overlap with another stream
  [10070, 'Overtaken'],
  [10071, 'Overtaken'],
  [10076, 'NoJetStream'], // JetStream system temporarily unavailable
  [10077, 'StreamFull'], // a limit with discard new, or no room on disk
  [10109, 'StreamUnfit'], // sealed
]);

export function problemOfApiCode(code: number, description: string): RelayProblem {
  return new RelayProblem(byApiCode.get(code) ?? 'Rejected', description, { data: { errCode: code } });
}

/** What an error of the driver, the network or the log means. Throws on what is none of these: a defect of ours. */
export function problemOf(error: unknown): RelayProblem {
  if (error instanceof RelayProblem) return error;
  if (!(error instanceof Error)) return new RelayProblem('Unreachable', 'the connection ended');
  const { message } = error;
  const problem = (code: RelayProblemCode): RelayProblem => new RelayProblem(code, message, { cause: error });
  if (error instanceof JetStreamApiError) return problemOfApiCode(error.code, message);
  if (error instanceof errors.AuthorizationError || error instanceof errors.UserAuthenticationExpiredError)
    return problem('Refused');
  if (error instanceof errors.PermissionViolationError) return problem('Forbidden');
  if (error instanceof errors.TimeoutError) return problem('Unanswered');
  if (error instanceof errors.RequestError) return problem(error.isNoResponders() ? 'NoJetStream' : 'Unanswered');
  if (error instanceof errors.InvalidArgumentError && message.startsWith("'tls'")) return problem('Tls');
  if (error instanceof StorageError) return problem('LogUnreadable');
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (/^(ERR_TLS|ERR_SSL|ERR_OSSL|EPROTO|CERT_|DEPTH_ZERO|UNABLE_TO|SELF_SIGNED|HOSTNAME_MISMATCH)/.test(code))
    return problem('Tls');
  if (/^E[A-Z_]+$/.test(code)) return problem(code === 'ENOENT' || code === 'EACCES' ? 'Refused' : 'Unreachable');
  // The driver wraps what it was told: no JetStream, a refused connection.
  if (error.cause instanceof Error && error.cause !== error) return problemOf(error.cause);
  if (error instanceof errors.ClosedConnectionError || error instanceof errors.ConnectionError)
    return problem('Unreachable');
  throw error;
}
