import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { CallingOut, PluginConfiguration, PluginConfigurations, WebhookPluginName } from '@reckon/serve/admission';
import { imagePolicySettings, orderedPlugins, PluginConfigurationError } from '@reckon/serve/admission';
import type { WebhookEndpoint } from '@reckon/serve/authn';
import * as z from 'zod';
import { OptionError } from '../option-error';
import { webhookCredentials } from './webhook-credentials';

/** What `--admission-control-config-file` says. */
export interface AdmissionConfiguration {
  readonly configurations: PluginConfigurations;
  /** Who the server is to webhooks. */
  readonly credentials: NonNullable<CallingOut['credentials']>;
  /** Whom ImagePolicyWebhook asks. */
  readonly imagePolicy?: WebhookEndpoint;
}

const flag = '--admission-control-config-file';
const hint = 'it must hold an AdmissionConfiguration of apiserver.config.k8s.io/v1, in YAML or JSON';

const admissionSchema = z.strictObject({
  apiVersion: z.enum(['apiserver.config.k8s.io/v1', 'apiserver.k8s.io/v1alpha1']),
  kind: z.literal('AdmissionConfiguration'),
  plugins: z
    .array(z.strictObject({ name: z.string(), path: z.string().optional(), configuration: z.unknown().optional() }))
    .nullish(),
});

const webhookSchema = z.strictObject({
  apiVersion: z.enum(['apiserver.config.k8s.io/v1', 'apiserver.config.k8s.io/v1alpha1']),
  kind: z.enum(['WebhookAdmissionConfiguration', 'WebhookAdmission']),
  kubeConfigFile: z.string().optional(),
});

/** Plugins whose own old form of a file the flag takes, too (apiserver/pkg/admission `ReadAdmissionConfiguration`). */
const legacyPlugins = ['ImagePolicyWebhook', 'PodNodeSelector'] as const;

/** What the server is told of a file that may not be named. */
export const admissionOptions = async (
  file: string | undefined,
): Promise<{ readonly admissionConfiguration?: AdmissionConfiguration }> =>
  file === undefined || file === '' ? {} : { admissionConfiguration: await readAdmissionConfiguration(file) };

/** Reads the file and those that it names. Throws OptionError or PluginConfigurationError. */
export async function readAdmissionConfiguration(file: string): Promise<AdmissionConfiguration> {
  const content = await readDocument(file, file);
  const configurations: Partial<Record<string, PluginConfiguration>> = {};
  if (isAdmissionConfiguration(content)) {
    const parsed = admissionSchema.safeParse(content);
    if (!parsed.success) throw new OptionError(`${flag}: ${file}: ${issuesOf(parsed.error)}`, hint);
    for (const { name, path, configuration } of parsed.data.plugins ?? []) {
      checkName(file, name);
      if (Object.hasOwn(configurations, name))
        throw new OptionError(`${flag}: ${file} names the plugin ${name} twice`, 'name it once');
      configurations[name] = await pluginConfiguration(file, name, path, configuration);
    }
  } else {
    for (const name of legacyPlugins) configurations[name] = { content, file };
  }
  return {
    configurations,
    credentials: await credentialsOf(configurations),
    ...(await imagePolicyOf(configurations.ImagePolicyWebhook)),
  };
}

/** Of a file in the old form, which is of one of two plugins, only if it is this one's. */
async function imagePolicyOf(
  configuration: PluginConfiguration | undefined,
): Promise<Pick<AdmissionConfiguration, 'imagePolicy'>> {
  const { content } = configuration ?? {};
  if (configuration === undefined || typeof content !== 'object' || content === null) return {};
  if (!Object.hasOwn(content, 'imagePolicy')) return {};
  const { kubeConfigFile } = imagePolicySettings(configuration);
  const { readReviewEndpoint } = await import('../review-endpoint');
  try {
    return { imagePolicy: readReviewEndpoint(kubeConfigFile) };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new PluginConfigurationError(
      'ImagePolicyWebhook',
      configuration.file,
      `kubeConfigFile: ${why}`,
      `${kubeConfigFile} must be a kubeconfig whose current context leads to the backend, with its certificates`,
      { cause },
    );
  }
}

const isAdmissionConfiguration = (content: unknown): boolean =>
  typeof content === 'object' &&
  content !== null &&
  Object.hasOwn(content, 'kind') &&
  Object.hasOwn(content, 'apiVersion');

function checkName(file: string, name: string): void {
  if (!orderedPlugins.some(([known]) => known === name))
    throw new OptionError(
      `${flag}: ${file}: there is no admission plugin ${JSON.stringify(name)}`,
      `known admission plugins: ${orderedPlugins.map(([known]) => known).join(', ')}`,
    );
}

/** What stands inline goes before a path, which is relative to the file. */
async function pluginConfiguration(
  file: string,
  name: string,
  path: string | undefined,
  inline: unknown,
): Promise<PluginConfiguration> {
  if (inline !== undefined && inline !== null) return { content: inline, file };
  if (path === undefined || path === '') return { content: undefined, file };
  const at = resolve(dirname(file), path);
  return { content: await readDocument(at, `${file} (plugin ${name})`), file: at };
}

async function credentialsOf(
  configurations: Partial<Record<string, PluginConfiguration>>,
): Promise<AdmissionConfiguration['credentials']> {
  const found: Partial<Record<WebhookPluginName, ReturnType<typeof webhookCredentials>>> = {};
  for (const name of ['MutatingAdmissionWebhook', 'ValidatingAdmissionWebhook'] as const) {
    const configuration = configurations[name];
    if (configuration?.content === undefined) continue;
    const parsed = webhookSchema.safeParse(configuration.content);
    if (!parsed.success)
      throw new PluginConfigurationError(
        name,
        configuration.file,
        issuesOf(parsed.error),
        'give a WebhookAdmissionConfiguration of apiserver.config.k8s.io/v1 with a kubeConfigFile',
      );
    const { kubeConfigFile = '' } = parsed.data;
    if (kubeConfigFile === '') continue;
    const at = resolve(dirname(configuration.file), kubeConfigFile);
    found[name] = webhookCredentials(await readDocument(at, `${configuration.file} (plugin ${name})`), {
      file: at,
      refuse: (problem) => new OptionError(`${flag}: ${at}: ${problem}`, 'it must be a kubeconfig'),
    });
  }
  return found;
}

async function readDocument(file: string, named: string): Promise<unknown> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const by = named === file ? '' : `, which ${named} names`;
    throw new OptionError(`${flag}: cannot read ${file}${by}`, hint, { cause });
  }
  const { parse } = await import('../yaml-text');
  try {
    return parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    throw new OptionError(`${flag}: ${file} is no YAML: ${why}`, hint, { cause });
  }
}

const issuesOf = (error: z.ZodError): string =>
  error.issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`)).join('; ');
