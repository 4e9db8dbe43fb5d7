import type { KubeObject } from '@reckon/api/machinery';
import type { FieldPlan } from './managed-fields-type';

/** The object as another version of its API has it: owners may have written in any of them. */
export interface VersionForm {
  readonly plan: FieldPlan;
  readonly to: (object: KubeObject) => KubeObject;
  readonly from: (object: KubeObject) => KubeObject;
}

/** undefined: a version that is no longer served; who wrote in it owns nothing any more. */
export type VersionForms = (apiVersion: string) => VersionForm | undefined;
