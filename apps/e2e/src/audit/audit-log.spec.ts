import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kubectl, RawClient, type ReckonProcess, eventually, reckonProgram, run, startReckon } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AuditEvent, eventsOf } from './audit-events';

const policy = `
apiVersion: audit.k8s.io/v1
kind: Policy
omitManagedFields: true
rules:
- level: None
  userGroups: ["system:nodes"]
- level: None
  users: ["system:kube-scheduler", "system:kube-controller-manager"]
- level: None
  nonResourceURLs: ["/readyz*", "/version"]
- level: Metadata
  resources:
  - group: ""
    resources: ["secrets"]
- level: Request
  verbs: ["patch"]
- level: RequestResponse
  namespaces: ["default"]
  omitStages: ["RequestReceived"]
- level: Metadata
`;

describe('up --audit-policy-file --audit-log-path', () => {
  const folder = mkdtempSync(join(tmpdir(), 'reckon-audit-'));
  const file = join(folder, 'logs', 'audit.log');
  let reckon: ReckonProcess;
  let kubectl: Kubectl;
  let raw: RawClient;

  beforeAll(async () => {
    writeFileSync(join(folder, 'policy.yaml'), policy);
    reckon = await startReckon({
      dataDir: join(folder, 'data'),
      flags: ['--nodes', '1', '--audit-policy-file', join(folder, 'policy.yaml'), '--audit-log-path', file],
    });
    kubectl = new Kubectl(reckon.kubeconfig);
    raw = RawClient.of(reckon.kubeconfig);
  });
  afterAll(async () => {
    raw.close();
    await reckon.end();
    rmSync(folder, { recursive: true, force: true });
  });

  const find = (wanted: (event: AuditEvent) => boolean): Promise<AuditEvent> =>
    eventually(() => {
      const found = eventsOf(file).find(wanted);
      expect(found).toBeDefined();
      return found as AuditEvent;
    });
  const ended = (id: unknown): Promise<AuditEvent> =>
    find(({ auditID, stage }) => auditID === id && stage === 'ResponseComplete');

  it('writes down who made what, by the id of the answer and of the event log', async () => {
    const manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'made' }, data: { a: '1' } };
    const answer = await raw.send('POST', '/api/v1/namespaces/default/configmaps', {
      body: manifest,
      headers: { 'x-forwarded-for': '192.0.2.7, nonsense' },
    });
    const id = answer.headers['audit-id'];
    const event = await ended(id);
    expect(event).toMatchObject({
      kind: 'Event',
      level: 'RequestResponse',
      verb: 'create',
      requestURI: '/api/v1/namespaces/default/configmaps',
      user: { username: 'kubernetes-admin' },
      sourceIPs: ['192.0.2.7', '127.0.0.1'],
      objectRef: { resource: 'configmaps', namespace: 'default', name: 'made', apiVersion: 'v1' },
      responseStatus: { code: 201 },
      requestObject: manifest,
      responseObject: { kind: 'ConfigMap', data: { a: '1' } },
      annotations: {
        'authorization.k8s.io/decision': 'allow',
        'authorization.k8s.io/reason': expect.any(String) as string,
      },
    });
    expect(JSON.stringify(event)).not.toContain('managedFields');
    const log = ['log', '--audit-id', String(id), '--kubeconfig', reckon.kubeconfig];
    const told = await run(process.execPath, [reckonProgram, ...log]);
    expect(told.stdout).toContain('configmap/made');
  });

  it('holds nothing of Secrets at level Metadata', async () => {
    await kubectl.run('create secret generic hidden --from-literal password=correct-horse');
    await kubectl.run('get secret hidden -o yaml');
    await find(
      ({ objectRef, verb, stage }) =>
        objectRef?.['name'] === 'hidden' && verb === 'get' && stage === 'ResponseComplete',
    );
    const text = readFileSync(file, 'utf8');
    expect(text).not.toContain('correct-horse');
    expect(text).not.toContain(Buffer.from('correct-horse').toString('base64'));
  });

  it('holds a patch at level Request, not its answer', async () => {
    await kubectl.run(['patch', 'configmap', 'made', '-p', '{"data":{"b":"2"}}']);
    const event = await find(
      ({ verb, stage, objectRef }) =>
        verb === 'patch' && stage === 'ResponseComplete' && objectRef?.['name'] === 'made',
    );
    expect(event).toMatchObject({
      level: 'Request',
      requestObject: { data: { b: '2' } },
      responseStatus: { code: 200 },
    });
    expect(event.responseObject).toBeUndefined();
  });

  it('has a watch in three stages', async () => {
    const watch = await raw.watch('/api/v1/configmaps?watch=1&timeoutSeconds=1');
    await watch.ended;
    await find(({ requestURI, stage }) => requestURI.includes('timeoutSeconds=1') && stage === 'ResponseComplete');
    const stages = eventsOf(file)
      .filter(({ requestURI }) => requestURI === '/api/v1/configmaps?watch=1&timeoutSeconds=1')
      .map(({ stage, responseStatus }) => [stage, responseStatus?.code]);
    expect(stages).toEqual([
      ['RequestReceived', undefined],
      ['ResponseStarted', 200],
      ['ResponseComplete', 200],
    ]);
  });

  it('shows who impersonates whom, and why it was refused', async () => {
    const ran = await kubectl.try(['get', 'nodes', '--as', 'jane']);
    expect(ran.code).toBe(1);
    const event = await find(
      ({ impersonatedUser, stage }) => impersonatedUser?.username === 'jane' && stage === 'ResponseComplete',
    );
    expect(event).toMatchObject({
      user: { username: 'kubernetes-admin' },
      responseStatus: { code: 403, reason: 'Forbidden' },
      annotations: { 'authorization.k8s.io/decision': 'forbid', 'authorization.k8s.io/reason': '' },
    });
  });

  it('shows a credential that was refused, without it', async () => {
    const stranger = raw.as({ token: 'not-a-token' });
    const answer = await stranger.send('GET', '/api/v1/pods');
    stranger.close();
    expect(answer.status).toBe(401);
    const event = await find(({ auditID }) => auditID === answer.headers['audit-id']);
    expect(event).toMatchObject({
      stage: 'ResponseStarted',
      user: {},
      responseStatus: { code: 401, message: 'Authentication failed, attempted: bearer' },
    });
    expect(readFileSync(file, 'utf8')).not.toContain('not-a-token');
  });

  it('keeps what is at level None out, is for this user only, and is whole after the end', async () => {
    await raw.send('GET', '/version');
    await kubectl.run('get configmaps');
    expect(await reckon.end()).toBe(0);
    const events = eventsOf(file);
    expect(events.every(({ user }) => user.groups?.includes('system:nodes') !== true)).toBe(true);
    expect(events.some(({ requestURI }) => requestURI === '/version')).toBe(false);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });
});
