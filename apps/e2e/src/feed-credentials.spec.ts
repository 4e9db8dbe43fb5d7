import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNatsOperator } from '@reckon/store/relay/suites';
import { eventually, foreignAuthority } from '@reckon/testkit';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { FeedCluster, type FeedClusterOptions } from './feed-cluster';

const folder = mkdtempSync(join(tmpdir(), 'reckon-feed-access-'));
const file = (name: string, text?: string): string => {
  const path = join(folder, name);
  if (text !== undefined) writeFileSync(path, text);
  return path;
};
let feed: FeedCluster | undefined;
afterEach(async () => {
  await feed?.dispose();
  feed = undefined;
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A cluster that is not let in: it has come up all the same, and takes every write. */
async function shutOut(options: FeedClusterOptions, code: string): Promise<FeedCluster> {
  feed = await FeedCluster.start(options);
  await feed.writesWhileWaitingFor(code, 'shut-out');
  expect(feed.consumer.events).toEqual([]);
  // It has knocked more than once, and told of it once.
  const retried = new RegExp(`^reckon_relay_retries_total\\{problem="${code}"\\} ([3-9]|\\d\\d+)$`, 'm');
  const { client } = feed;
  await eventually(async () => {
    expect((await client.send('GET', '/metrics')).text).toMatch(retried);
  });
  expect(toldOf(feed, code)).toHaveLength(1);
  return feed;
}

const toldOf = (cluster: FeedCluster, code: string): readonly unknown[] =>
  cluster.logged('the relay waits').filter(({ problem }) => problem === code);

/** Then everything comes, from the first revision on, and the log says so. */
async function letIn(cluster: FeedCluster): Promise<void> {
  await cluster.everyRevision();
  expect(cluster.mapsOf('shut-out')).toHaveLength(40);
  expect(cluster.logged('the relay publishes again')).toHaveLength(1);
  expect(await cluster.relay()).toMatchObject({ state: 'following' });
}

describe('the feed of a cluster that NATS does not know', () => {
  it('comes once the server has its user, whose password nothing shows', async () => {
    const users = (relay: string): string => `authorization { users = [
      { user: reader, password: reading },
      { user: relay, password: "${relay}" }
    ] }`;
    const cluster = await shutOut(
      {
        config: users('another'),
        access: { user: 'reader', password: 'reading' },
        flags: (url) => ['--nats', `nats://${url}`, '--nats-user', 'relay', '--nats-password', 'sw0rdfish'],
      },
      'Refused',
    );
    expect((await cluster.waitsFor('Refused')).hint).toContain('--nats-user and --nats-password');
    await cluster.nats.kill();
    await cluster.nats.start(users('sw0rdfish'));
    await letIn(cluster);
    expect(toldOf(cluster, 'Refused')).toHaveLength(1);
    expect(cluster.reckon.output()).not.toContain('sw0rdfish');
  });

  it('comes once the server trusts the operator of its .creds file', async () => {
    const operator = createNatsOperator();
    const creds = file('relay.creds', operator.creds('relay'));
    const cluster = await shutOut(
      {
        config: createNatsOperator().config,
        access: { creds: operator.creds('reader') },
        flags: (url) => ['--nats', url, '--nats-creds', creds],
      },
      'Refused',
    );
    expect((await cluster.waitsFor('Refused')).hint).toContain('--nats-creds');
    await cluster.nats.kill();
    await cluster.nats.start(operator.config);
    await letIn(cluster);
  });

  it('comes once its .creds file is one that the server takes', async () => {
    const operator = createNatsOperator();
    const creds = file('replaced.creds', createNatsOperator().creds('relay'));
    const cluster = await shutOut(
      {
        config: operator.config,
        access: { creds: operator.creds('reader') },
        flags: (url) => ['--nats', url, '--nats-creds', creds],
      },
      'Refused',
    );
    file('replaced.creds', operator.creds('relay'));
    await letIn(cluster);
    expect(toldOf(cluster, 'Refused')).toHaveLength(1);
  });
});

describe('the feed over TLS', () => {
  const authority = foreignAuthority('nats-ca');
  const other = foreignAuthority('other-ca');
  const server = authority.issue({ commonName: 'nats', ipAddresses: ['127.0.0.1'], usages: ['server'] });
  const [relay, reader] = ['relay', 'reader'].map((commonName) => authority.issue({ commonName, usages: ['client'] }));
  const stranger = other.issue({ commonName: 'relay', usages: ['client'] });
  const ca = file('ca.pem', authority.certPem);
  const tls = (more = ''): string =>
    `tls { cert_file: "${file('server.pem', server.certPem)}", key_file: "${file('server.key', server.keyPem)}" ${more} }`;
  const mutual = (): string => tls(`, ca_file: "${ca}", verify: true`);

  it('comes with the authority and the client certificate that the flags name', async () => {
    feed = await FeedCluster.start({
      config: mutual(),
      access: { tls: { ca: authority.certPem, cert: reader?.certPem ?? '', key: reader?.keyPem ?? '' } },
      flags: (url) => [
        ...['--nats', `tls://${url}`, '--nats-tls-ca', ca],
        ...['--nats-tls-cert', file('relay.pem', relay?.certPem), '--nats-tls-key', file('relay.key', relay?.keyPem)],
      ],
    });
    await feed.createMaps('over-tls', 20);
    await feed.everyRevision();
    expect(feed.mapsOf('over-tls')).toHaveLength(20);
    expect(feed.logged('the relay waits')).toEqual([]);
  });

  it('goes to no server of another authority, and comes once that is the one it trusts', async () => {
    const trusted = file('trusted.pem', other.certPem);
    const cluster = await shutOut(
      {
        config: tls(),
        access: { tls: { ca: authority.certPem } },
        flags: (url) => ['--nats', `tls://${url}`, '--nats-tls-ca', trusted],
      },
      'Tls',
    );
    const problem = await cluster.waitsFor('Tls');
    expect(problem.message).toContain('unable to verify the first certificate');
    expect(problem.hint).toContain('--nats-tls-ca');
    file('trusted.pem', authority.certPem);
    await letIn(cluster);
  });

  it('comes once the relay shows a certificate that the server knows', async () => {
    const [certificate, key] = [file('shown.pem', stranger.certPem), file('shown.key', stranger.keyPem)];
    const cluster = await shutOut(
      {
        config: mutual(),
        access: { tls: { ca: authority.certPem, cert: reader?.certPem ?? '', key: reader?.keyPem ?? '' } },
        flags: (url) => [
          ...['--nats', `tls://${url}`, '--nats-tls-ca', ca],
          ...['--nats-tls-cert', certificate, '--nats-tls-key', key],
        ],
      },
      'Tls',
    );
    expect((await cluster.waitsFor('Tls')).hint).toContain('--nats-tls-cert and --nats-tls-key');
    file('shown.key', relay?.keyPem);
    file('shown.pem', relay?.certPem);
    await letIn(cluster);
  });
});
