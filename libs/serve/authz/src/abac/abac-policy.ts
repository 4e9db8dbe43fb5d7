/** One line of a policy file, in its present form (pkg/apis/abac `PolicySpec`). Texts are '' where nothing is said, which matches nothing but ''. */
export interface AbacPolicy {
  readonly user: string;
  readonly group: string;
  readonly readonly: boolean;
  readonly resource: string;
  readonly apiGroup: string;
  readonly namespace: string;
  /** `*`, a path, or the beginning of paths with a star after it. */
  readonly nonResourcePath: string;
}
