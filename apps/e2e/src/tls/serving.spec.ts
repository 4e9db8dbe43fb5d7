import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, get, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TLSSocket, connect } from 'node:tls';
import { type Ran, eventually, foreignAuthority, reckonProgram, run } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ProgramProcess, startProgram } from '../apart/program-process';

const folder = mkdtempSync(join(tmpdir(), 'reckon-serving-'));
const at = (name: string): string => join(folder, name);
/** As a rotation does it: the new file takes the place of the old in one step. */
const put = (name: string, text: string): string => {
  writeFileSync(at(`${name}.new`), text, { mode: 0o600 });
  renameSync(at(`${name}.new`), at(name));
  return at(name);
};

const servers = foreignAuthority('servers');
const clients = foreignAuthority('clients');
const laterClients = foreignAuthority('later clients');
const stranger = foreignAuthority('clients');
const hour = 1 / 24;

const serving = (commonName: string, ...dnsNames: string[]) =>
  servers.issue({ commonName, dnsNames, ipAddresses: ['127.0.0.1'], usages: ['server'] });
const putServing = (name: string, commonName: string, ...dnsNames: string[]): readonly [cert: string, key: string] => {
  const { certPem, keyPem } = serving(commonName, ...dnsNames);
  return [put(`${name}.crt`, certPem), put(`${name}.key`, keyPem)];
};
const user = (authority: typeof clients, days = hour) =>
  authority.issue({ commonName: 'jane', organizations: ['system:masters'], usages: ['client'], days });

let server: ProgramProcess;

const shownTo = (servername?: string): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const socket: TLSSocket = connect(
      {
        port: server.port,
        host: '127.0.0.1',
        rejectUnauthorized: false,
        ...(servername === undefined ? {} : { servername }),
      },
      () => {
        resolve(socket.getPeerCertificate().subject.CN);
        socket.destroy();
      },
    );
    socket.on('error', reject);
  });

interface Credentials {
  readonly certPem: string;
  readonly keyPem: string;
}

/** Answers of one connection that is kept alive. */
function client(credentials?: Credentials): {
  ask(path: string): Promise<{ code: number; headers: object; text: string }>;
  close(): void;
} {
  const agent = new Agent({
    keepAlive: true,
    maxSockets: 1,
    ca: servers.certPem,
    ...(credentials === undefined ? {} : { cert: credentials.certPem, key: credentials.keyPem }),
  });
  return {
    ask: (path) =>
      new Promise((resolve, reject) => {
        get({ host: '127.0.0.1', port: server.port, path, agent }, (response) => {
          let text = '';
          response.on('data', (chunk: Buffer) => (text += chunk.toString()));
          response.on('end', () => {
            resolve({ code: response.statusCode ?? 0, headers: response.headers, text });
          });
        }).on('error', reject);
      }),
    close: () => {
      agent.destroy();
    },
  };
}

async function codeOf(credentials: Credentials | undefined): Promise<number> {
  const one = client(credentials);
  try {
    return (await one.ask('/api/v1/namespaces')).code;
  } finally {
    one.close();
  }
}

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the HTTPS server of reckon apiserver', () => {
  beforeAll(async () => {
    const [cert, key] = putServing('serving', 'first');
    const named = putServing('named', 'named', 'named.example.com');
    const given = putServing('given', 'given');
    server = await startProgram([
      'apiserver',
      ...['--data-dir', at('data'), '--secure-port', '0', '--bind-address', '127.0.0.1', '-v', '1'],
      ...[
        '--token-auth-file',
        put('tokens.csv', 'old-token,jane,1,system:masters\n'),
        '--authorization-mode',
        'RBAC',
        '--tls-cert-file',
        cert,
        '--tls-private-key-file',
        key,
      ],
      ...['--tls-sni-cert-key', named.join(), '--tls-sni-cert-key', `${given.join()}:*.given.test,given.test`],
      ...['--client-ca-file', put('clients.crt', clients.certPem), '--tls-min-version', 'VersionTLS12'],
      ...['--tls-curve-preferences', '29,23', '--strict-transport-security-directives', 'max-age=31536000,preload'],
    ]);
  });
  afterAll(async () => {
    await server.end('SIGKILL');
  });

  it.each([
    [undefined, 'first'],
    ['localhost', 'first'],
    ['named.example.com', 'named'],
    ['a.given.test', 'given'],
    ['given.test', 'given'],
    ['a.b.given.test', 'first'],
  ])('shows who asks for %s the certificate %s', async (name, expected) => {
    expect(await shownTo(name)).toBe(expected);
  });

  it('knows clients by certificates of its authorities, and by no others', async () => {
    expect(await codeOf(user(clients))).toBe(200);
    // The same names, another key.
    expect(await codeOf(user(stranger))).toBe(401);
    expect(await codeOf(user(clients, -hour))).toBe(401);
    // Of an authority that signs for servers only.
    expect(
      await codeOf(clients.issue({ commonName: 'jane', organizations: ['system:masters'], usages: ['server'] })),
    ).toBe(401);
    expect(await codeOf(undefined)).toBe(403);
  });

  it('tells browsers to come by TLS, with refusals too', async () => {
    const anonymous = client();
    for (const path of ['/version', '/api/v1/secrets', '/nowhere'])
      expect((await anonymous.ask(path)).headers).toMatchObject({
        'strict-transport-security': 'max-age=31536000; preload',
      });
    anonymous.close();
  });

  it('agrees on keys by the curves that are named', async () => {
    const shake = (ecdhCurve: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = connect({ port: server.port, host: '127.0.0.1', rejectUnauthorized: false, ecdhCurve }, () => {
          resolve('agreed');
          socket.destroy();
        });
        socket.on('error', () => {
          resolve('refused');
        });
      });
    expect([await shake('P-256'), await shake('X25519'), await shake('P-384')]).toEqual([
      'agreed',
      'agreed',
      'refused',
    ]);
  });

  it('takes up rotated certificates under open watches', async () => {
    const jane = user(clients);
    const events: string[] = [];
    const agent = new Agent({ ca: servers.certPem, cert: jane.certPem, key: jane.keyPem });
    let isOver = false;
    const watch = get(
      { host: '127.0.0.1', port: server.port, agent, path: '/api/v1/namespaces/default/configmaps?watch=1' },
      (response) => {
        response.on('data', (chunk: Buffer) => events.push(...chunk.toString().trim().split('\n')));
        response.on('close', () => (isOver = true));
      },
    );
    watch.on('error', () => (isOver = true));
    putServing('serving', 'second');
    putServing('named', 'renamed', 'other.example.com');
    await eventually(async () => {
      expect([await shownTo(), await shownTo('other.example.com')]).toEqual(['second', 'renamed']);
    });
    expect(await shownTo('named.example.com')).toBe('second');
    const posted = await new Promise<number>((resolve, reject) => {
      const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'rotated' } });
      request(
        {
          ...{ host: '127.0.0.1', port: server.port, method: 'POST', ca: servers.certPem },
          ...{ cert: jane.certPem, key: jane.keyPem, path: '/api/v1/namespaces/default/configmaps' },
          headers: { 'content-type': 'application/json' },
        },
        (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        },
      )
        .on('error', reject)
        .end(body);
    });
    expect(posted).toBe(201);
    await eventually(() => {
      expect(events.some((event) => event.includes('"rotated"'))).toBe(true);
    });
    expect(isOver).toBe(false);
    watch.destroy();
  });

  it('keeps what it has while files are broken, and says so', async () => {
    const before = await shownTo();
    put('serving.crt', 'half a cert');
    await eventually(() => {
      expect(server.output()).toContain('changed files cannot be used, what was before stays');
    });
    expect(await shownTo()).toBe(before);
    expect(await codeOf(user(clients))).toBe(200);
    putServing('serving', 'mended');
    await eventually(async () => {
      expect(await shownTo()).toBe('mended');
    });
  });

  it('takes up rotated authorities of clients, on open connections too, and publishes them', async () => {
    const [old, later] = [client(user(clients)), client(user(laterClients))];
    expect([(await old.ask('/api/v1/namespaces')).code, (await later.ask('/api/v1/namespaces')).code]).toEqual([
      200, 401,
    ]);
    put('clients.crt', `${clients.certPem}${laterClients.certPem}`);
    await eventually(async () => {
      expect(await codeOf(user(laterClients))).toBe(200);
    });
    expect((await old.ask('/api/v1/namespaces')).code).toBe(200);
    put('clients.crt', laterClients.certPem);
    await eventually(async () => {
      expect(await codeOf(user(clients))).toBe(401);
    });
    expect((await old.ask('/api/v1/namespaces')).code).toBe(401);
    const admin = client(user(laterClients));
    await eventually(async () => {
      const { text } = await admin.ask('/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication');
      const published = (JSON.parse(text) as { data: Record<string, string> }).data['client-ca-file'];
      expect(published).toContain(laterClients.certPem.trim());
      expect(published).not.toContain(clients.certPem.trim());
    });
    for (const one of [old, later, admin]) one.close();
  });

  it('takes up a changed token file: what is gone from it is 401 at once, a broken one changes nothing', async () => {
    const byToken = (token: string): Promise<number> =>
      new Promise((resolve, reject) => {
        get(
          {
            ...{ host: '127.0.0.1', port: server.port, ca: servers.certPem, path: '/api/v1/namespaces' },
            headers: { authorization: `Bearer ${token}` },
          },
          (response) => {
            response.resume();
            resolve(response.statusCode ?? 0);
          },
        ).on('error', reject);
      });
    expect([await byToken('old-token'), await byToken('new-token')]).toEqual([200, 401]);
    put('tokens.csv', 'new-token,jane,1,system:masters\n');
    await eventually(async () => {
      expect([await byToken('old-token'), await byToken('new-token')]).toEqual([401, 200]);
    });
    put('tokens.csv', 'only-two,columns\n');
    await eventually(() => {
      expect(server.output()).toContain('at least 3 columns');
    });
    expect(await byToken('new-token')).toBe(200);
  });
});

describe('flags of the HTTPS server', () => {
  const refusal = (...flags: string[]): Promise<Ran> =>
    run(process.execPath, [reckonProgram, 'apiserver', '--data-dir', at('never'), '--secure-port', '0', ...flags]);

  it.each([
    [['--tls-cert-file', '/nowhere/a.crt'], '--tls-cert-file is given without the other half'],
    [['--tls-cert-file', '/nowhere/a.crt', '--tls-private-key-file', '/nowhere/a.key'], 'cannot read /nowhere/a.crt'],
    [['--tls-sni-cert-key', 'a.crt'], '--tls-sni-cert-key: expected comma separated certificate and key file paths'],
    [['--tls-sni-cert-key', '/nowhere/a.crt,/nowhere/a.key'], '--tls-sni-cert-key: cannot read /nowhere/a.crt'],
    [['--client-ca-file', '/nowhere/ca.crt'], '--client-ca-file: cannot read /nowhere/ca.crt'],
    [
      ['--client-ca-file', put('no-certificate.pem', 'text')],
      'data does not contain any valid RSA or ECDSA certificates',
    ],
    [['--tls-min-version', 'VersionTLS14'], '--tls-min-version: unknown tls version "VersionTLS14"'],
    [['--tls-cipher-suites', 'ROT13'], "--tls-cipher-suites: Cipher suite ROT13 not supported or doesn't exist"],
    [['--tls-curve-preferences', '7'], '--tls-curve-preferences: 7 is no curve that is supported'],
    [['--strict-transport-security-directives', 'max-age'], 'allowed values: max-age=expireTime, includeSubDomains'],
    [['--encryption-provider-config-automatic-reload'], 'is given without --encryption-provider-config'],
  ])('are refused by name: %s', async (flags, problem) => {
    const { code, stderr } = await refusal(...flags);
    expect(stderr).toContain(problem);
    expect(code).not.toBe(0);
  });
});
