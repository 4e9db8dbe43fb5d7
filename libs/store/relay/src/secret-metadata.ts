import * as z from 'zod';

/** Holds the whole Secret as it was applied, its data with it (kubectl's `last-applied-configuration`). */
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

const secret = z.looseObject({
  metadata: z.looseObject({ annotations: z.looseObject({}).optional() }).optional(),
});

/** True for the keys of Secrets. */
export const isSecret = (key: string): boolean => key.startsWith('/core/secrets/');

/** What of a Secret may leave the cluster: its kind and metadata, without the annotation that repeats its data. */
export function secretMetadata(object: Buffer): string {
  const { apiVersion, kind, metadata } = secret.parse(JSON.parse(object.toString()));
  if (metadata?.annotations === undefined) return JSON.stringify({ apiVersion, kind, metadata });
  const annotations = Object.entries(metadata.annotations).filter(([name]) => name !== lastApplied);
  return JSON.stringify({ apiVersion, kind, metadata: { ...metadata, annotations: Object.fromEntries(annotations) } });
}
