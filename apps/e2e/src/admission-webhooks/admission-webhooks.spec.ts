import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kubectl, type ReckonProcess, run, reckonProgram, startReckon } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWebhookServer, type WebhookServer } from './webhook-server';

const folder = mkdtempSync(join(tmpdir(), 'reckon-webhooks-'));
const data = (text: string): string => Buffer.from(text).toString('base64');

let server: WebhookServer;
let reckon: ReckonProcess;
let kubectl: Kubectl;

/** The server shows webhooks a certificate and a token. */
function configurationFile(): string {
  const { certPem, keyPem } = server.authority.issue({ commonName: 'the-apiserver', usages: ['client'] });
  const user = { 'client-certificate-data': data(certPem), 'client-key-data': data(keyPem), token: 'of-the-apiserver' };
  writeFileSync(join(folder, 'webhooks.kubeconfig'), JSON.stringify({ users: [{ name: '*', user }] }));
  const configuration = {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'WebhookAdmissionConfiguration',
    kubeConfigFile: 'webhooks.kubeconfig',
  };
  const file = join(folder, 'admission.yaml');
  writeFileSync(
    file,
    JSON.stringify({
      apiVersion: 'apiserver.config.k8s.io/v1',
      kind: 'AdmissionConfiguration',
      plugins: ['MutatingAdmissionWebhook', 'ValidatingAdmissionWebhook'].map((name) => ({ name, configuration })),
    }),
  );
  return file;
}

const apply = (object: object, ...args: string[]): Promise<string> =>
  kubectl.run(['apply', '-f', '-', ...args], { stdin: JSON.stringify(object) });

const configuration = (kind: string, path: string, rule: object, more: object = {}): object => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind,
  metadata: { name: path.slice(1) },
  webhooks: [
    {
      name: `${path.slice(1)}.example.com`,
      rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE'], ...rule }],
      clientConfig: server.clientConfig(path),
      sideEffects: 'NoneOnDryRun',
      admissionReviewVersions: ['v1'],
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'default' } },
      ...more,
    },
  ],
});

beforeAll(async () => {
  server = await startWebhookServer(
    {
      '/warn': () => ({ allowed: true, warnings: ['this will be gone soon'] }),
      '/deny': ({ name }) =>
        name === 'bad'
          ? { allowed: false, status: { message: 'bad is bad', reason: 'Forbidden', code: 403 } }
          : { allowed: true },
      '/keep': ({ oldObject }) => ({
        allowed: oldObject?.metadata.labels?.['keep'] !== 'yes',
        status: { message: 'it must stay', code: 409, reason: 'Conflict' },
      }),
      '/label': ({ object }) => ({
        allowed: true,
        patch: [
          { op: 'test', path: '/metadata/name', value: object?.metadata.name },
          { op: 'add', path: '/metadata/labels', value: { ...object?.metadata.labels, labelled: 'yes' } },
        ],
      }),
    },
    { asksForCertificate: true },
  );
  reckon = await startReckon({
    dataDir: join(folder, 'data'),
    flags: ['--nodes', '0', '--admission-control-config-file', configurationFile()],
  });
  kubectl = new Kubectl(reckon.kubeconfig);
});
afterAll(async () => {
  await reckon.end();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('webhooks, by kubectl', () => {
  it('warn and refuse in their own words', async () => {
    await apply(configuration('ValidatingWebhookConfiguration', '/warn', {}));
    await apply(configuration('ValidatingWebhookConfiguration', '/deny', {}));
    const made = await kubectl.try(['create', 'configmap', 'good']);
    expect(made).toMatchObject({ code: 0, stderr: 'Warning: this will be gone soon\n' });
    const refused = await kubectl.try(['create', 'configmap', 'bad']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(
      'error: failed to create configmap: admission webhook "deny.example.com" denied the request: bad is bad\n',
    );
    const applied = await kubectl.try(['apply', '-f', '-'], {
      stdin: JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'bad' } }),
    });
    expect(applied.stderr).toContain(
      'Error from server (Forbidden): error when creating "STDIN": admission webhook "deny.example.com" denied the request: bad is bad\n',
    );
  });

  it('see who asks, and are shown who asks them', () => {
    const [first] = server.asked('/deny');
    expect(first).toMatchObject({
      operation: 'CREATE',
      name: 'good',
      namespace: 'default',
      userInfo: { username: 'kubernetes-admin' },
      object: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'good', namespace: 'default' } },
      oldObject: null,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1', fieldManager: 'kubectl-create' },
    });
    expect(server.callers[0]).toEqual({ authorization: 'Bearer of-the-apiserver', commonName: 'the-apiserver' });
  });

  it('hold back a deletion, one by one or of all', async () => {
    await apply(configuration('ValidatingWebhookConfiguration', '/keep', { operations: ['DELETE'] }));
    await kubectl.run('create configmap kept');
    await kubectl.run('label configmap kept keep=yes');
    const one = await kubectl.try(['delete', 'configmap', 'kept']);
    expect(one.stderr).toContain(
      'Error from server (Conflict): admission webhook "keep.example.com" denied the request: it must stay',
    );
    const all = await kubectl.try(['delete', 'configmaps', '--all']);
    expect(all.code).toBe(1);
    expect(await kubectl.run('get configmaps -o name')).toContain('configmap/kept');
    expect(await kubectl.run('get configmaps -o name')).not.toContain('configmap/good');
    await kubectl.run('delete validatingwebhookconfiguration keep');
    await kubectl.run('delete configmap kept');
  });

  it('change what is made, for a dry run too, and nobody owns what they add', async () => {
    await apply(configuration('MutatingWebhookConfiguration', '/label', {}));
    const dry = await kubectl.json<{ metadata: { labels: object } }>('create configmap dry --dry-run=server');
    expect(dry.metadata.labels).toEqual({ labelled: 'yes' });
    expect(server.asked('/label').at(-1)).toMatchObject({ dryRun: true, options: { dryRun: ['All'] } });
    expect((await kubectl.try(['get', 'configmap', 'dry'])).code).toBe(1);
    const applied = ['apply', '--server-side', '-f', '-', '-o', 'json', '--show-managed-fields'];
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'applied', labels: { mine: 'yes' } } };
    const made = JSON.parse(await kubectl.run(applied, { stdin: JSON.stringify(object) })) as {
      metadata: { labels: object; managedFields: { fieldsV1: object }[] };
    };
    expect(made.metadata.labels).toEqual({ mine: 'yes', labelled: 'yes' });
    expect(JSON.stringify(made.metadata.managedFields)).not.toContain('labelled');
  });

  it('are counted', async () => {
    const metrics = await kubectl.run('get --raw /metrics');
    expect(metrics).toMatch(
      /^apiserver_admission_webhook_rejection_count\{name="deny.example.com",type="validating",operation="CREATE",error_type="no_error",rejection_code="403"\} [12]$/m,
    );
    expect(metrics).toMatch(
      /^apiserver_admission_webhook_request_total\{name="label.example.com",type="admit",.*code="200"/m,
    );
    expect(metrics).toMatch(/^apiserver_admission_webhook_admission_duration_seconds_count\{name="warn.example.com"/m);
  });

  it('are asked again after a restart, and not where their plugin is left out', async () => {
    const dataDir = join(folder, 'data');
    await reckon.end();
    const flags = ['--nodes', '0', '--admission-control-config-file', join(folder, 'admission.yaml')];
    reckon = await startReckon({ dataDir, flags });
    kubectl = new Kubectl(reckon.kubeconfig);
    expect((await kubectl.try(['create', 'configmap', 'bad'])).stderr).toContain('bad is bad');
    await reckon.end();
    reckon = await startReckon({
      dataDir,
      flags: [...flags, '--disable-admission-plugins', 'ValidatingAdmissionWebhook'],
    });
    kubectl = new Kubectl(reckon.kubeconfig);
    expect(await kubectl.try(['create', 'configmap', 'bad'])).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('policies, by kubectl', () => {
  const policy = (spec: object): object => ({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'few' },
    spec: {
      matchConstraints: {
        resourceRules: [
          { apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'], operations: ['CREATE', 'UPDATE'] },
        ],
      },
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      validations: [
        {
          expression: 'object.spec.replicas <= int(params.data.most)',
          messageExpression: "'no more than ' + params.data.most + ' replicas'",
        },
      ],
      ...spec,
    },
  });
  const binding = (validationActions: string[]): object => ({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: 'few-default' },
    spec: {
      policyName: 'few',
      validationActions,
      paramRef: { name: 'limits', namespace: 'default', parameterNotFoundAction: 'Deny' },
    },
  });

  it('refuse what they judge, warn, and follow their parameters', async () => {
    await kubectl.run('create configmap limits --from-literal=most=2');
    await apply(policy({}));
    await apply(binding(['Deny']));
    await kubectl.run('create deployment few --image=nginx --replicas=2');
    const refused = await kubectl.try(['create', 'deployment', 'many', '--image=nginx', '--replicas=3']);
    expect(refused.stderr).toBe(
      `error: failed to create deployment: deployments.apps "many" is forbidden: ValidatingAdmissionPolicy 'few' with binding 'few-default' denied request: no more than 2 replicas\n`,
    );
    const applied = await kubectl.try(['scale', 'deployment', 'few', '--replicas=3']);
    expect(applied.code).toBe(0);
    await apply(binding(['Warn']));
    const warned = await kubectl.try(['create', 'deployment', 'many', '--image=nginx', '--replicas=3']);
    expect(warned).toMatchObject({
      code: 0,
      stderr: `Warning: Validation failed for ValidatingAdmissionPolicy 'few' with binding 'few-default': no more than 2 replicas\n`,
    });
    await apply(binding(['Deny']));
    await kubectl.run(['patch', 'configmap', 'limits', '-p', '{"data":{"most":"9"}}']);
    await kubectl.run('create deployment more --image=nginx --replicas=9');
  });

  it('cannot be bound to what their author may not read', async () => {
    const role = [
      'create',
      'clusterrole',
      'policies',
      '--verb=create,get,patch,update',
      '--resource=validatingadmissionpolicybindings.admissionregistration.k8s.io',
    ];
    await kubectl.run(role);
    await kubectl.run('create clusterrolebinding policies --clusterrole=policies --user=jane');
    const other = { ...binding(['Deny']), metadata: { name: 'other' } };
    const refused = await kubectl.try(['create', '-f', '-', '--as=jane'], { stdin: JSON.stringify(other) });
    expect(refused.stderr).toContain(
      'The ValidatingAdmissionPolicyBinding "other" is invalid: spec.paramRef: Forbidden: user &{jane  [system:authenticated] map[]} does not have "get" permission on the object referenced by paramRef',
    );
  });
});

describe('a configuration of admission that cannot be used', () => {
  it('is refused before anything starts', async () => {
    const file = join(folder, 'none.yaml');
    const { code, stderr } = await run(process.execPath, [
      ...[reckonProgram, 'up', '--data-dir', join(folder, 'never'), '--admission-control-config-file', file],
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain(`--admission-control-config-file: cannot read ${file}`);
    expect(stderr).toContain('it must hold an AdmissionConfiguration of apiserver.config.k8s.io/v1');
  });
});
