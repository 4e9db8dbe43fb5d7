import type { UserInfo } from '@reckon/registry/generic';

/** What classification looks at: a request after impersonation. */
export interface FlowRequest {
  readonly user: UserInfo;
  readonly info: {
    readonly isResource: boolean;
    readonly path: string;
    readonly query: string;
    readonly verb: string;
    readonly group: string;
    readonly version: string;
    readonly namespace: string;
    readonly resource: string;
    readonly subresource: string;
    readonly name: string;
  };
}
