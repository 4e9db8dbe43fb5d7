import { metadataAlone } from '@reckon/api/kinds';
import type { KubeObject } from '@reckon/api/machinery';

/** `meta.k8s.io PartialObjectMetadata`: an object of which only the metadata are told. */
export const partialMetadata = (object: KubeObject, apiVersion: string): KubeObject => ({
  kind: 'PartialObjectMetadata',
  apiVersion,
  metadata: metadataAlone(object),
});
