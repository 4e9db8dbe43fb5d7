import { nkeys } from '@nats-io/transport-node';

type KeyPair = ReturnType<typeof nkeys.createAccount>;

/** The owner of NATS servers that let in whoever shows a JWT of one of its accounts: what `nsc` makes, without a folder of its own. */
export interface NatsOperator {
  /** Lines of nats-server's configuration: it trusts this operator, and has one account with JetStream. */
  readonly config: string;
  /** A new user of that account, as a `.creds` file. */
  creds(name: string): string;
}

export function createNatsOperator(): NatsOperator {
  const operator = nkeys.createOperator();
  const system = nkeys.createAccount();
  const account = nkeys.createAccount();
  const accountOf = (name: string, key: KeyPair, jetStream: object): string =>
    signed(operator, key, name, { type: 'account', limits: { ...unlimited, ...accountLimits, ...jetStream } });
  const jwts = [
    [system, accountOf('SYS', system, {})],
    [account, accountOf('FEED', account, { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 })],
  ] as const;
  return {
    config: `
      operator: ${signed(operator, operator, 'operator', { type: 'operator' })}
      system_account: ${system.getPublicKey()}
      resolver: MEMORY
      resolver_preload: { ${jwts.map(([key, jwt]) => `${key.getPublicKey()}: ${jwt}`).join(', ')} }`,
    creds(name) {
      const user = nkeys.createUser();
      const jwt = signed(account, user, name, { type: 'user', pub: {}, sub: {}, ...unlimited });
      return [
        ...['-----BEGIN NATS USER JWT-----', jwt, '------END NATS USER JWT------', ''],
        ...['-----BEGIN USER NKEY SEED-----', text(user.getSeed()), '------END USER NKEY SEED------', ''],
      ].join('\n');
    },
  };
}

const unlimited = { subs: -1, data: -1, payload: -1 };
const accountLimits = { imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

/** A JWT of NATS (`github.com/nats-io/jwt/v2`): what the issuer says of the subject. */
function signed(issuer: KeyPair, subject: KeyPair, name: string, nats: object): string {
  const claims = {
    jti: subject.getPublicKey(),
    iat: 1_700_000_000,
    iss: issuer.getPublicKey(),
    sub: subject.getPublicKey(),
    name,
    nats: { version: 2, ...nats },
  };
  const signedPart = [{ typ: 'JWT', alg: 'ed25519-nkey' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${signedPart}.${Buffer.from(issuer.sign(Buffer.from(signedPart))).toString('base64url')}`;
}
