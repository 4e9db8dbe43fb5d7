import type { FieldRequirement, LabelRequirement } from '@reckon/api/machinery';
import type { UserInfo } from '@reckon/registry/generic';

/** k8s.io/apiserver/pkg/authorization/authorizer.Attributes */
export interface AuthzAttributes {
  readonly user: UserInfo;
  /** API verb (get, list, watch, create, update, patch, delete, deletecollection, impersonate, bind, escalate) or lower-case HTTP method for non-resource paths. */
  readonly verb: string;
  readonly isResource: boolean;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** Non-resource requests. */
  readonly path: string;
  /**
   * What a list, watch or deletecollection is limited to. Absent: not limited, or by a text that cannot be read. A condition more
   * never widens a request, so an authorizer may pass over those that it does not know.
   */
  readonly fieldSelector?: readonly FieldRequirement[] | undefined;
  readonly labelSelector?: readonly LabelRequirement[] | undefined;
}

export interface Decision {
  readonly allowed: boolean;
  /** A firm no: later authorizers are not asked. */
  readonly denied?: boolean;
  readonly reason: string;
  /** What kept it from being sure. A request that nobody allows is then answered by 500, not by 403; a review tells it. */
  readonly error?: string;
}

export interface Authorizer {
  readonly name: string;
  authorize(attributes: AuthzAttributes): Decision | Promise<Decision>;
}

/** Of who has nothing to say about a request. */
export const noOpinion: Decision = { allowed: false, reason: '' };

/** `pods/log`, `pods`: as rules name it. */
export const resourceText = ({ resource, subresource }: AuthzAttributes): string =>
  subresource === '' ? resource : `${resource}/${subresource}`;
