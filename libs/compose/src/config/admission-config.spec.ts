import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { OptionError } from '../option-error';
import { admissionOptions, readAdmissionConfiguration } from './admission-config';

const folder = mkdtempSync(join(tmpdir(), 'reckon-admission-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const configuration = (plugins: string): string =>
  `apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\nplugins:\n${plugins}`;

const webhooks = (kubeconfig: string): string => `apiVersion: apiserver.config.k8s.io/v1
kind: WebhookAdmissionConfiguration
kubeConfigFile: ${kubeconfig}
`;

/** What a person is told, without the folder. */
async function told(path: string): Promise<string> {
  try {
    await readAdmissionConfiguration(path);
    return 'read';
  } catch (error) {
    expect((error as OptionError).hint).toMatch(/\w/);
    return (error as Error).message.replaceAll(`${folder}/`, '');
  }
}

describe('--admission-control-config-file', () => {
  it('hands each plugin what stands inline or in its own file, which is found beside the first', async () => {
    file('quota.yaml', 'apiVersion: apiserver.config.k8s.io/v1\nkind: ResourceQuotaConfiguration\n');
    const path = file(
      'all.yaml',
      configuration(
        '- name: PodSecurity\n  configuration:\n    kind: PodSecurityConfiguration\n- name: ResourceQuota\n  path: quota.yaml\n- name: AlwaysDeny\n',
      ),
    );
    expect((await readAdmissionConfiguration(path)).configurations).toEqual({
      PodSecurity: { content: { kind: 'PodSecurityConfiguration' }, file: path },
      ResourceQuota: {
        content: { apiVersion: 'apiserver.config.k8s.io/v1', kind: 'ResourceQuotaConfiguration' },
        file: join(folder, 'quota.yaml'),
      },
      AlwaysDeny: { content: undefined, file: path },
    });
    expect(await admissionOptions('')).toEqual({});
  });

  it('takes the old form of a plugin that had the flag for itself', async () => {
    const path = file('old.yaml', 'podNodeSelectorPluginConfig:\n  clusterDefaultNodeSelector: a=b\n');
    const { configurations } = await readAdmissionConfiguration(path);
    expect(configurations.PodNodeSelector?.content).toEqual({
      podNodeSelectorPluginConfig: { clusterDefaultNodeSelector: 'a=b' },
    });
  });

  it.each<[string, string, string]>([
    ['no YAML', 'a: [', '--admission-control-config-file: bad.yaml is no YAML: '],
    [
      'another kind',
      'apiVersion: v1\nkind: Pod\n',
      '--admission-control-config-file: bad.yaml: apiVersion: Invalid option: expected one of "apiserver.config.k8s.io/v1"|"apiserver.k8s.io/v1alpha1"; kind: ',
    ],
    [
      'an unknown field',
      configuration('- name: PodSecurity\n  file: x\n'),
      '--admission-control-config-file: bad.yaml: plugins.0: Unrecognized key: "file"',
    ],
    [
      'an unknown plugin',
      configuration('- name: PodSecurty\n'),
      '--admission-control-config-file: bad.yaml: there is no admission plugin "PodSecurty"',
    ],
    [
      'a plugin twice',
      configuration('- name: PodSecurity\n- name: PodSecurity\n'),
      '--admission-control-config-file: bad.yaml names the plugin PodSecurity twice',
    ],
    [
      'a file that is not there',
      configuration('- name: PodSecurity\n  path: none.yaml\n'),
      '--admission-control-config-file: cannot read none.yaml, which bad.yaml (plugin PodSecurity) names',
    ],
    [
      'something else for webhooks',
      configuration(
        '- name: MutatingAdmissionWebhook\n  configuration: {kind: Other, apiVersion: apiserver.config.k8s.io/v1}\n',
      ),
      '--admission-control-config-file: bad.yaml: admission plugin MutatingAdmissionWebhook: kind: ',
    ],
    [
      'no kubeconfig for webhooks',
      configuration(
        '- name: MutatingAdmissionWebhook\n  configuration: {kind: WebhookAdmissionConfiguration, apiVersion: apiserver.config.k8s.io/v1, kubeConfigFile: none}\n',
      ),
      '--admission-control-config-file: cannot read none, which bad.yaml (plugin MutatingAdmissionWebhook) names',
    ],
  ])('refuses %s', async (_, text, expected) => {
    const answer = await told(file('bad.yaml', text));
    expect(answer.slice(0, expected.length)).toBe(expected);
  });

  it('names itself where the file is not there', async () => {
    expect(await told(join(folder, 'nowhere.yaml'))).toBe('--admission-control-config-file: cannot read nowhere.yaml');
  });
});

describe('who the server is to webhooks', () => {
  it('is the user of the kubeconfig that is named as the webhook, as its domain, or for all', async () => {
    file('cert.pem', 'CERT');
    file('token', 'from-file\n');
    const data = (text: string): string => Buffer.from(text).toString('base64');
    file(
      'kube.yaml',
      `current-context: usual
contexts: [{name: usual, context: {user: somebody}}]
users:
- {name: 'hook.web.svc:443', user: {token: exact}}
- {name: '*.web.svc:8443', user: {tokenFile: token}}
- {name: '*.plain.svc', user: {username: u, password: p}}
- {name: somebody, user: {client-certificate: cert.pem, client-key-data: ${data('KEY')}}}
`,
    );
    file('webhooks.yaml', webhooks('kube.yaml'));
    const path = file('a.yaml', configuration('- name: ValidatingAdmissionWebhook\n  path: webhooks.yaml\n'));
    const { credentials } = await readAdmissionConfiguration(path);
    expect(credentials.MutatingAdmissionWebhook).toBeUndefined();
    const of = credentials.ValidatingAdmissionWebhook;
    expect(of?.('hook.web.svc:443')).toEqual({ token: 'exact' });
    const followed = of?.('other.web.svc:8443');
    expect(followed !== undefined && 'current' in followed ? await followed.current() : followed).toEqual({
      token: 'from-file',
    });
    expect(of?.('a.plain.svc:443')).toEqual({ basic: { username: 'u', password: 'p' } });
    expect(of?.('a.plain.svc:444')).toEqual({ certPem: 'CERT', keyPem: 'KEY' });
  });

  it.each([
    [
      'users: [{name: a, user: {client-key-data: QQ==}}]',
      'user a: a client certificate and its key are of no use without each other',
    ],
    ['users: [{name: a, user: {tokenFile: none}}]', 'user a: cannot read none'],
    ['users: 7', 'users: '],
  ])('is refused as %s', async (text, expected) => {
    file('kube-bad.yaml', text);
    const answer = await told(
      file(
        'b.yaml',
        configuration(
          `- name: ValidatingAdmissionWebhook\n  configuration:\n${webhooks('kube-bad.yaml').replace(/^/gm, '    ')}\n`,
        ),
      ),
    );
    expect(answer).toContain(`--admission-control-config-file: kube-bad.yaml: ${expected}`);
  });
});
