import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '@reckon/kernel';
import { createAuthority, issue } from '@reckon/pki';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectNats } from './connect-nats';
import { relayOptionsSchema } from './relay-options';
import { problemOf } from './relay-problem';
import { testConnection } from './testing/feed-reader.suite';
import { startNatsServer } from './testing/nats-server.suite';
import type { NatsServer } from './testing/nats-server.suite';
import { runRelay, TestLog } from './testing/relay-fixture.suite';
import type { RunningRelay } from './testing/relay-fixture.suite';

let folder: string;
const file = (name: string): string => path.join(folder, name);
const clock = systemClock;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'reckon-nats-tls-'));
  const ca = createAuthority({ commonName: 'nats-ca', clock });
  const other = createAuthority({ commonName: 'other-ca', clock });
  const server = issue(ca, { commonName: 'nats', ipAddresses: ['127.0.0.1'], usages: ['server'], clock });
  const client = issue(ca, { commonName: 'relay', usages: ['client'], clock });
  const stranger = issue(other, { commonName: 'relay', usages: ['client'], clock });
  const files = {
    'ca.pem': ca.certPem,
    'other-ca.pem': other.certPem,
    'server.pem': server.certPem,
    'server.key': server.keyPem,
    'client.pem': client.certPem,
    'client.key': client.keyPem,
    'stranger.pem': stranger.certPem,
    'stranger.key': stranger.keyPem,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(file(name), text);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

let nats: NatsServer | undefined;
let relay: RunningRelay | undefined;
afterEach(async () => {
  await relay?.stop();
  await nats?.dispose();
  relay = undefined;
  nats = undefined;
});

async function relayTo(config: string, options: (url: string) => Record<string, unknown> & { servers: string }) {
  nats = await startNatsServer({ config });
  const test = new TestLog();
  await test.write({ key: '/core/pods/default/a' });
  relay = runRelay(test.log, options(nats.url));
  return relay;
}

describe('a relay with credentials', () => {
  const config = 'authorization { users = [ { user: relay, password: "right:/@" } ] }';

  it('is let in by user and password, from flags or from the URL', async () => {
    const byFlags = await relayTo(config, (servers) => ({ servers, user: 'relay', password: 'right:/@' }));
    await byFlags.caughtUp();
    await byFlags.stop();
    const test = new TestLog();
    await test.write({ key: '/core/pods/default/a' });
    relay = runRelay(test.log, {
      servers: `nats://relay:${encodeURIComponent('right:/@')}@${nats?.url ?? ''}`,
      stream: 'OTHER',
      subjectPrefix: 'other',
    });
    await relay.caughtUp();
  });

  it('waits with wrong ones until they are right, and never writes them down', async () => {
    const refused = await relayTo(config, (servers) => ({ servers: `nats://relay:wr0ng@${servers}` }));
    await refused.waitsFor('Refused');
    expect(refused.state().problem?.hint).toContain('--nats-creds');
    expect(refused.lines[0]?.fields['servers']).toEqual([`nats://${nats?.url ?? ''}`]);
    expect(JSON.stringify([refused.lines, refused.state()])).not.toContain('wr0ng');
    await nats?.kill();
    await nats?.start('authorization { users = [ { user: relay, password: "wr0ng" } ] }');
    await refused.caughtUp();
  });

  it('waits while its user may not publish', async () => {
    const barred = await relayTo(
      `authorization { users = [ { user: relay, password: x,
         permissions: { publish: { deny: "reckon.>" } } } ] }`,
      (servers) => ({ servers, user: 'relay', password: 'x' }),
    );
    await barred.waitsFor('Forbidden');
    expect(barred.state().problem?.hint).toContain('publish');
  });

  it('waits for a file of credentials that is not there', async () => {
    const lost = await relayTo('', (servers) => ({ servers, credsFile: file('none.creds') }));
    await lost.waitsFor('Refused');
    expect(lost.state().problem?.message).toContain('none.creds');
  });
});

describe('a relay over TLS', () => {
  const tls = (more = ''): string =>
    `tls { cert_file: "${file('server.pem')}", key_file: "${file('server.key')}" ${more} }`;
  const mutual = (): string => tls(`, ca_file: "${file('ca.pem')}", verify: true`);

  it('trusts the authority it is given', async () => {
    await (await relayTo(tls(), (url) => ({ servers: `tls://${url}`, tlsCaFile: file('ca.pem') }))).caughtUp();
  });

  it('shows its certificate', async () => {
    const shows = await relayTo(mutual(), (servers) => ({
      servers,
      tlsCaFile: file('ca.pem'),
      tlsCertFile: file('client.pem'),
      tlsKeyFile: file('client.key'),
    }));
    await shows.caughtUp();
  });

  it.each([
    ['whose authority it does not know', tls, {}],
    ['of another authority', tls, { tlsCaFile: 'other-ca.pem' }],
    [
      'that does not know its own',
      mutual,
      { tlsCaFile: 'ca.pem', tlsCertFile: 'stranger.pem', tlsKeyFile: 'stranger.key' },
    ],
  ])('waits before a server %s', async (_, config, files: Record<string, string>) => {
    const named = Object.fromEntries(Object.entries(files).map(([name, value]) => [name, file(value)]));
    const barred = await relayTo(config(), (servers) => ({ servers: `tls://${servers}`, ...named }));
    await barred.waitsFor('Tls');
    expect(barred.state().problem?.hint).toContain('--nats-tls-ca');
  });
});

describe('a server that refuses the certificate of the relay', () => {
  it('is told from one that is not there, also when it has closed before it was heard', async () => {
    nats = await startNatsServer({
      config: `tls { cert_file: "${file('server.pem')}", key_file: "${file('server.key')}", ca_file: "${file('ca.pem')}", verify: true }`,
    });
    const options = relayOptionsSchema.parse({
      servers: nats.url,
      tlsCaFile: file('ca.pem'),
      tlsCertFile: file('stranger.pem'),
      tlsKeyFile: file('stranger.key'),
    });
    const codeOf = async (): Promise<string> =>
      connectNats(options).then(
        () => 'let in',
        (error: unknown) => problemOf(error).code,
      );
    const codes = new Set<string>();
    // Whether its alert or the end of the connection is seen first is luck.
    for (let i = 0; i < 100; i++) codes.add(await codeOf());
    expect([...codes]).toEqual(['Tls']);
    await nats.kill();
    expect(await codeOf()).toBe('Unreachable');
  });
});

describe('a relay before a server whose certificate names another host', () => {
  it('waits', async () => {
    const config = `tls { cert_file: "${file('server.pem')}", key_file: "${file('server.key')}" }`;
    const barred = await relayTo(config, (url) => ({
      servers: `tls://localhost:${url.split(':')[1] ?? ''}`,
      tlsCaFile: file('ca.pem'),
    }));
    await barred.waitsFor('Tls');
    expect(barred.state().problem?.message).toContain("does not match certificate's altnames");
  });
});

describe('a relay that is to speak TLS', () => {
  it('never speaks without', async () => {
    const barred = await relayTo('', (url) => ({ servers: `tls://${url}` }));
    await barred.waitsFor('Unreachable');
    expect(barred.state().problem?.message).toContain("does not support 'tls'");
  });
});

describe('a relay with several servers', () => {
  it('takes the one that is there', async () => {
    const dead = await startNatsServer();
    await dead.dispose();
    const one = await relayTo('', (url) => ({ servers: `${dead.url}, nats://${url}` }));
    await one.caughtUp();
    expect(one.state().server).toBe(nats?.url);
    const connection = await testConnection(nats?.url ?? '');
    await connection.close();
  });
});
