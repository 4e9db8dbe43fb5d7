/**
 * Writes libs/serve/authz/src/generated/bootstrap-policy.json from lists of RBAC objects in YAML.
 * Usage: npx tsx tools/rbac/generate.mts <folder with *.yaml>
 *
 * What every object has in common (labels, annotation, API groups) is left out and comes back in `bootstrapPolicy`.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

interface Source {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Record<string, string> };
  readonly rules?: readonly Record<string, readonly string[]>[] | null;
  readonly aggregationRule?: {
    readonly clusterRoleSelectors: readonly { readonly matchLabels: Record<string, string> }[];
  };
  readonly roleRef?: { readonly kind: string; readonly name: string };
  readonly subjects?: readonly { readonly kind: string; readonly name: string; readonly namespace?: string }[];
}

const commonLabel = 'kubernetes.io/bootstrapping';
const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: generate.mts <folder with the policy in YAML>');

const list = (values: readonly string[] | undefined): string | undefined => values?.join(',');

function compact(source: Source): object {
  const labels = Object.entries(source.metadata.labels ?? {}).filter(([key]) => key !== commonLabel);
  return {
    name: source.metadata.name,
    namespace: source.metadata.namespace,
    labels: labels.length === 0 ? undefined : Object.fromEntries(labels),
    aggregates: source.aggregationRule?.clusterRoleSelectors.map((selector) => selector.matchLabels),
    rules: source.rules?.map((rule) => ({
      v: list(rule['verbs']),
      g: list(rule['apiGroups']),
      r: list(rule['resources']),
      n: list(rule['resourceNames']),
      u: list(rule['nonResourceURLs']),
    })),
    role: source.roleRef === undefined ? undefined : `${source.roleRef.kind}/${source.roleRef.name}`,
    subjects: source.subjects?.map(({ kind, name, namespace }) => [
      kind,
      name,
      ...(namespace === undefined ? [] : [namespace]),
    ]),
  };
}

const sources = readdirSync(folder)
  .filter((file) => file.endsWith('.yaml'))
  .sort()
  .flatMap((file) => (parse(readFileSync(join(folder, file), 'utf8')) as { items: Source[] }).items);
const ofKind = (kind: string): object[] => sources.filter((source) => source.kind === kind).map(compact);
const policy = {
  clusterRoles: ofKind('ClusterRole'),
  clusterRoleBindings: ofKind('ClusterRoleBinding'),
  roles: ofKind('Role'),
  roleBindings: ofKind('RoleBinding'),
};
const target = join(import.meta.dirname, '../../libs/serve/authz/src/generated/bootstrap-policy.json');
// One object a line: small, and a change can be read.
const lines = Object.entries(policy).map(
  ([kind, objects]) => `${JSON.stringify(kind)}:[\n${objects.map((object) => JSON.stringify(object)).join(',\n')}\n]`,
);
writeFileSync(target, `{${lines.join(',\n')}}\n`);
