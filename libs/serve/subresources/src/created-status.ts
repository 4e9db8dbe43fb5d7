import type { SubresourceAnswer } from '@reckon/serve/http';

/** What a POST answers that makes nothing to be shown. */
export const createdStatus: SubresourceAnswer = {
  code: 201,
  object: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 },
};
