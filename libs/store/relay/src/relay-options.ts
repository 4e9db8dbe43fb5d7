import * as z from 'zod';

/** What is taken when nothing is said. */
export const relayDefaults = { stream: 'RECKON', subjectPrefix: 'reckon', includeSecrets: false } as const;

const serverUrl = z.string().refine((text) => serverOf(text) !== undefined, {
  error: 'is not the address of a NATS server; give one like nats://127.0.0.1:4222',
});

/**
 * Where and how to publish: the flags of `reckon up`, each member named after its own (`--nats`, `--nats-stream` …). Members that end
 * in `File` are paths; they are read at every connection, so that what they hold can be replaced while the relay runs.
 */
export const relayOptionsSchema = z
  .strictObject({
    /** `--nats`: one server, or several of one NATS cluster with commas between. A user and password may stand in the URL. */
    servers: z
      .string()
      .transform((text) => text.split(',').map((one) => one.trim()))
      .pipe(z.array(serverUrl).min(1)),
    /** `--nats-stream` */
    stream: z
      .string()
      .regex(/^[\w-]{1,255}$/, 'a stream is named with letters, digits, _ and -')
      .default(relayDefaults.stream),
    /** `--nats-subject-prefix` */
    subjectPrefix: z
      .string()
      .max(255)
      .regex(/^[\w-]+(\.[\w-]+)*$/, 'a prefix is made of letters, digits, _ and -, with dots between its parts')
      .default(relayDefaults.subjectPrefix),
    /** `--nats-creds` */
    credsFile: z.string().min(1).optional(),
    /** `--nats-user` */
    user: z.string().min(1).optional(),
    /** `--nats-password` */
    password: z.string().optional(),
    /** `--nats-tls-ca` */
    tlsCaFile: z.string().min(1).optional(),
    /** `--nats-tls-cert` */
    tlsCertFile: z.string().min(1).optional(),
    /** `--nats-tls-key` */
    tlsKeyFile: z.string().min(1).optional(),
    /** `--nats-include-secrets` */
    includeSecrets: z.boolean().default(relayDefaults.includeSecrets),
  })
  .refine(({ tlsCertFile, tlsKeyFile }) => (tlsCertFile === undefined) === (tlsKeyFile === undefined), {
    error: 'a client certificate and its key are given together',
    path: ['tlsCertFile'],
  })
  .refine(({ password, user }) => password === undefined || user !== undefined, {
    error: 'a password needs a user',
    path: ['password'],
  });

export type RelayOptions = z.output<typeof relayOptionsSchema>;

export interface NatsServer {
  /** As the driver takes it. */
  readonly hostPort: string;
  /** As a certificate names it: without the brackets of an IPv6 address. */
  readonly host: string;
  readonly needsTls: boolean;
  readonly user: string | undefined;
  readonly password: string | undefined;
}

/** The parts of a server's URL, or undefined if it is none. */
export function serverOf(text: string): NatsServer | undefined {
  const scheme = /^(nats|tls):\/\//.exec(text);
  // Not a scheme that has a port of its own, which would be dropped.
  const url = parsed(`nats://${scheme === null ? text : text.slice(scheme[0].length)}`);
  if (url === undefined || url.hostname === '' || (scheme === null && text.includes('://'))) return undefined;
  if (!['', '/'].includes(url.pathname) || url.search !== '' || url.hash !== '') return undefined;
  return {
    hostPort: `${url.hostname}:${url.port === '' ? '4222' : url.port}`,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    needsTls: scheme?.[1] === 'tls',
    user: url.username === '' ? undefined : decodeURIComponent(url.username),
    password: url.password === '' ? undefined : decodeURIComponent(url.password),
  };
}

function parsed(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined; // Not a URL: the caller says so.
  }
}
