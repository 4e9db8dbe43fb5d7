import type { KubeObject } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Monotonic, Random, Timers } from '@reckon/kernel';
import { askWebhook, type WebhookClient, WebhookError } from '@reckon/serve/authn';
import { ExpiringCache } from '@reckon/serve/authz';
import * as z from 'zod';
import { admissionForbidden } from '../../admission-forbidden';
import type { AdmissionAttributes, AdmissionPlugin } from '../../plugin';
import type { ImagePolicySettings } from './image-policy-configuration';

/** Who says which images may run. */
export interface ImagePolicyBackend {
  readonly client: WebhookClient;
}

export interface ImagePolicyParts extends ImagePolicyBackend {
  readonly settings: ImagePolicySettings;
  readonly clock: Monotonic;
  readonly timers: Timers;
  readonly random: Random;
}

const statusSchema = z.looseObject({
  status: z
    .looseObject({
      allowed: z.boolean().nullish(),
      reason: z.string().nullish(),
      auditAnnotations: z.record(z.string(), z.string()).nullish(),
    })
    .nullish(),
});

interface Verdict {
  readonly allowed: boolean;
  readonly reason: string;
  readonly annotations: readonly (readonly [string, string])[];
}

const auditPrefix = 'imagepolicywebhook.image-policy.k8s.io/';
const failedOpen = 'alpha.image-policy.k8s.io/failed-open';
/** imagepolicy `NewLRUExpireCache` */
const keptAnswers = 1024;

/**
 * Asks a backend whether the images of a pod may run (plugin/pkg/admission/imagepolicy), as ImageReview of
 * imagepolicy.k8s.io/v1alpha1. Answers are kept for their time.
 */
export function imagePolicyWebhook({ settings, ...parts }: ImagePolicyParts): AdmissionPlugin {
  const verdicts = new ExpiringCache<Verdict>(parts.clock, keptAnswers);

  async function verdictOf(spec: string): Promise<Verdict> {
    const known = verdicts.get(spec);
    if (known !== undefined) return known;
    const verdict = await asked(spec, settings, parts);
    verdicts.set(spec, verdict, verdict.allowed ? settings.allowedMs : settings.refusedMs);
    return verdict;
  }

  async function review(attributes: AdmissionAttributes, pod: KubeObject, images: readonly string[]): Promise<void> {
    let verdict: Verdict;
    try {
      verdict = await verdictOf(specOf(attributes.namespace, pod, images));
    } catch (error) {
      const why = failureText(error);
      if (!settings.allowsByDefault) throw admissionForbidden(attributes, why);
      attributes.ctx.annotate?.(`${auditPrefix}failed-open`, 'true');
      pod.metadata.annotations = { ...pod.metadata.annotations, [failedOpen]: 'true' };
      return;
    }
    for (const [key, value] of verdict.annotations) attributes.ctx.annotate?.(`${auditPrefix}${key}`, value);
    if (verdict.allowed) return;
    throw admissionForbidden(
      attributes,
      verdict.reason === ''
        ? 'one or more images rejected by webhook backend'
        : `image policy webhook backend denied one or more images: ${verdict.reason}`,
    );
  }

  return {
    name: 'ImagePolicyWebhook',
    handles: (operation) => operation === 'CREATE' || operation === 'UPDATE',
    validate(attributes) {
      const { row, object } = attributes;
      if (row.group !== '' || row.resource !== 'pods' || object === undefined) return;
      const images = imagesOf(object, attributes.subresource);
      return images === undefined ? undefined : review(attributes, object, images);
    },
  };
}

/** Of what is written: the debugging containers are a subresource of their own. */
function imagesOf(pod: corev1.Pod, subresource: string): readonly string[] | undefined {
  const { containers = [], initContainers, ephemeralContainers } = pod.spec ?? {};
  const images = (of: readonly { readonly image?: string }[] | null | undefined): string[] =>
    (of ?? []).map(({ image = '' }) => image);
  if (subresource === '') return [...images(containers), ...images(initContainers)];
  return subresource === 'ephemeralcontainers' ? images(ephemeralContainers) : undefined;
}

/** The review's spec, which is also what an answer is kept by. */
function specOf(namespace: string, pod: KubeObject, images: readonly string[]): string {
  const annotations = Object.entries(pod.metadata.annotations ?? {}).filter(([key]) =>
    key.includes('.image-policy.k8s.io/'),
  );
  return JSON.stringify({
    ...(images.length === 0 ? {} : { containers: images.map((image) => (image === '' ? {} : { image })) }),
    ...(annotations.length === 0 ? {} : { annotations: Object.fromEntries(annotations.sort(byKey)) }),
    ...(namespace === '' ? {} : { namespace }),
  });
}

const byKey = ([a]: readonly [string, string], [b]: readonly [string, string]): number => (a < b ? -1 : 1);

async function asked(
  spec: string,
  { backoffMs }: ImagePolicySettings,
  { client, timers, random }: Omit<ImagePolicyParts, 'settings'>,
): Promise<Verdict> {
  const head = '{"kind":"ImageReview","apiVersion":"imagepolicy.k8s.io/v1alpha1","metadata":{}';
  const backoff = { firstMs: backoffMs, factor: 1.5, jitter: 0.2, tries: 5 };
  const text = await askWebhook(client, `${head},"spec":${spec},"status":{"allowed":false}}`, {
    timers,
    random,
    backoff,
  });
  const { status } = statusSchema.parse(JSON.parse(text));
  return {
    allowed: status?.allowed === true,
    reason: status?.reason ?? '',
    annotations: Object.entries(status?.auditAnnotations ?? {}),
  };
}

/** As client-go words it. */
function failureText(error: unknown): string {
  if (error instanceof WebhookError) return error.message;
  if (error instanceof SyntaxError || error instanceof z.ZodError) return 'the answer of the webhook is no ImageReview';
  throw error;
}
