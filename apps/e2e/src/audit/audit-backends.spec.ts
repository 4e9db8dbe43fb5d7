import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type ForeignAuthority, RawClient, eventually, foreignAuthority, reckonProgram, run } from '@reckon/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { type ProgramProcess, startProgram } from '../apart/program-process';
import { type AuditEvent, eventsOf } from './audit-events';

let folder: string;
let program: ProgramProcess | undefined;
let client: RawClient | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reckon-audit-backends-'));
});
afterEach(async () => {
  client?.close();
  await program?.end();
  client = program = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const at = (name: string): string => join(folder, name);
function put(name: string, content: unknown): string {
  writeFileSync(at(name), typeof content === 'string' ? content : stringify(content));
  return at(name);
}
const policyOf = (rules: readonly object[]): string =>
  put('policy.yaml', { apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules });
const own = ['--secure-port', '0', '--bind-address', '127.0.0.1', '--authorization-mode', 'RBAC'];

async function start(...flags: string[]): Promise<RawClient> {
  program = await startProgram(['apiserver', '--data-dir', at('data'), ...own, ...flags]);
  client = RawClient.of(at('data/kubeconfig'));
  return client;
}
const make = (raw: RawClient, name: string, bytes = 0) =>
  raw.send('POST', '/api/v1/namespaces/default/configmaps', {
    body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { pad: 'x'.repeat(bytes) } },
  });

describe('the audit log of reckon apiserver', () => {
  it('is rotated by size, compressed, and kept to so many files; no event is lost', async () => {
    const rules = [
      { level: 'RequestResponse', verbs: ['create'], namespaces: ['default'], omitStages: ['RequestReceived'] },
    ];
    const raw = await start(
      ...['--audit-policy-file', policyOf(rules), '--audit-log-path', at('audit.log')],
      ...['--audit-log-maxsize', '1', '--audit-log-maxbackup', '9', '--audit-log-compress'],
    );
    for (let i = 0; i < 8; i++) expect((await make(raw, `large-${String(i)}`, 300_000)).status).toBe(201);
    await program?.end();
    const old = readdirSync(folder).filter((name) => /^audit-\d{4}-\d\d-\d\dT[\d-]+\.\d{3}\.log\.gz$/.test(name));
    expect(old.length).toBeGreaterThan(2);
    const texts = old.sort().map((name) => gunzipSync(readFileSync(at(name))).toString());
    const all = [...texts, readFileSync(at('audit.log'), 'utf8')].join('').trim().split('\n');
    const names = all.map((line) => (JSON.parse(line) as AuditEvent).objectRef?.['name']);
    expect(names).toEqual(Array.from({ length: 8 }, (_, i) => `large-${String(i)}`));
  });

  it('can have lines in the old format, and events cut to size', async () => {
    const raw = await start(
      ...[
        '--audit-policy-file',
        policyOf([{ level: 'Request', namespaces: ['default'] }]),
        '--audit-log-path',
        at('audit.log'),
      ],
      ...['--audit-log-format', 'legacy', '--audit-log-mode', 'blocking-strict'],
    );
    await make(raw, 'a');
    await eventually(() => {
      expect(readFileSync(at('audit.log'), 'utf8')).toMatch(
        /^\S+Z AUDIT: id="[^"]+" stage="ResponseComplete" ip="127\.0\.0\.1" method="create" user="kubernetes-admin" groups=".*" as="<self>" asgroups="<lookup>" user-agent="" namespace="default" uri="\/api\/v1\/namespaces\/default\/configmaps" response="201"$/m,
      );
    });
  });

  it('drops the objects of events that are too large', async () => {
    const raw = await start(
      ...[
        '--audit-policy-file',
        policyOf([{ level: 'Request', namespaces: ['default'] }]),
        '--audit-log-path',
        at('audit.log'),
      ],
      ...['--audit-log-truncate-enabled', '--audit-log-truncate-max-event-size', '2000'],
      ...['--audit-log-mode', 'batch', '--audit-log-batch-max-wait', '10ms', '--audit-log-batch-max-size', '5'],
    );
    await make(raw, 'large', 5000);
    const event = await eventually(() => {
      const found = eventsOf(at('audit.log')).find(({ stage }) => stage === 'ResponseComplete');
      expect(found).toBeDefined();
      return found;
    });
    expect(event?.requestObject).toBeUndefined();
    expect(event?.annotations).toMatchObject({ 'audit.k8s.io/truncated': 'true' });
  });

  it.each([
    ['a policy that is not there', () => at('none.yaml'), '--audit-policy-file: cannot read'],
    [
      'a policy with a typing error',
      () => policyOf([{ level: 'Metadat' }]),
      'rules[0].level: Unsupported value: "Metadat"',
    ],
    [
      'a policy with a wrong type',
      () => policyOf([{ level: 'None', users: 'jane' }]),
      'rules[0].users: Invalid input: expected array',
    ],
    ['no rules', () => policyOf([]), 'loaded illegal policy with 0 rules'],
  ])('is not begun with %s', async (_, policy, message) => {
    const args = ['apiserver', '--data-dir', at('data'), ...own, '--audit-log-path', at('audit.log')];
    const ran = await run(process.execPath, [reckonProgram, ...args, '--audit-policy-file', policy()]);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain(message);
    expect(ran.stderr).toContain('--audit-policy-file');
  });
});

describe('the audit webhook of reckon apiserver', () => {
  interface Receiver {
    readonly port: number;
    readonly events: AuditEvent[];
    readonly tokens: Set<string | undefined>;
    close(): Promise<void>;
  }

  /** A server that takes audit events over HTTPS. */
  async function receive(authority: ForeignAuthority, port = 0): Promise<Receiver> {
    const { certPem, keyPem } = authority.issue({
      commonName: 'audit',
      dnsNames: ['localhost'],
      ipAddresses: ['127.0.0.1'],
      usages: ['server'],
    });
    const events: AuditEvent[] = [];
    const tokens = new Set<string | undefined>();
    const server = createServer({ cert: certPem, key: keyPem }, (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        tokens.add(request.headers.authorization);
        const list = JSON.parse(Buffer.concat(chunks).toString()) as { kind: string; items: AuditEvent[] };
        expect(list.kind).toBe('EventList');
        events.push(...list.items);
        response.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return {
      port: (server.address() as AddressInfo).port,
      events,
      tokens,
      close() {
        server.closeAllConnections();
        return new Promise((resolve) => {
          server.close(() => {
            resolve();
          });
        });
      },
    };
  }

  it('gets events in batches, also those from the time when it was down', async () => {
    const authority = foreignAuthority('audit-authority');
    let receiver = await receive(authority);
    const { port } = receiver;
    const kubeconfig = put('webhook.kubeconfig', {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'audit',
      clusters: [
        {
          name: 'audit',
          cluster: {
            server: `https://127.0.0.1:${String(port)}/events`,
            'certificate-authority-data': Buffer.from(authority.certPem).toString('base64'),
          },
        },
      ],
      users: [{ name: 'audit', user: { token: 'sesame' } }],
      contexts: [{ name: 'audit', context: { cluster: 'audit', user: 'audit' } }],
    });
    const rules = [{ level: 'Metadata', verbs: ['create'], namespaces: ['default'], omitStages: ['RequestReceived'] }];
    const raw = await start(
      ...['--audit-policy-file', policyOf(rules), '--audit-webhook-config-file', kubeconfig],
      ...['--audit-webhook-batch-max-wait', '100ms', '--audit-webhook-initial-backoff', '300ms'],
    );
    const names = (): unknown[] => receiver.events.map(({ objectRef }) => objectRef?.['name']).sort();
    await make(raw, 'before');
    await eventually(() => {
      expect(names()).toEqual(['before']);
    });
    expect([...receiver.tokens]).toEqual(['Bearer sesame']);
    await receiver.close();
    for (const name of ['down-1', 'down-2']) expect((await make(raw, name)).status).toBe(201);
    await new Promise((resolve) => setTimeout(resolve, 400));
    receiver = await receive(authority, port);
    await make(raw, 'after');
    await eventually(() => {
      expect(names()).toEqual(['after', 'down-1', 'down-2']);
    });
    await program?.end();
    await receiver.close();
  });

  it('is named when its kubeconfig cannot be used', async () => {
    const args = [
      'apiserver',
      '--data-dir',
      at('data'),
      ...own,
      '--audit-policy-file',
      policyOf([{ level: 'Metadata' }]),
    ];
    const ran = await run(process.execPath, [reckonProgram, ...args, '--audit-webhook-config-file', at('none')]);
    expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining('--audit-webhook-config-file')]);
  });
});
