/** As `schema.GroupResource`; '' is the core group, '*' stands for all. */
export interface ResourceName {
  readonly group: string;
  readonly resource: string;
}

/** `secrets`, `deployments.apps`, `*.apps`, `*.` (all of the core group), `*.*`. */
export function resourceName(text: string): ResourceName {
  const dot = text.indexOf('.');
  return dot < 0 ? { group: '', resource: text } : { group: text.slice(dot + 1), resource: text.slice(0, dot) };
}

/** As it is written in the file. */
export const shownResource = ({ group, resource }: ResourceName): string =>
  group === '' && resource !== '*' ? resource : `${resource}.${group}`;

/** What upstream keeps beside its objects; here it is computed. */
const withoutApi: ReadonlySet<string> = new Set([
  'apiserveripinfo',
  'serviceipallocations',
  'servicenodeportallocations',
]);

/** What is wrong with the resources of one rule, as upstream says it (`validateResourceOverlap`, `validateResourceNames`). */
export function resourceProblems(texts: readonly string[], at: string): readonly string[] {
  if (texts.length === 0) return [`${at}: Required value: at least one ${at} is required`];
  const problems: string[] = [];
  const names = texts.map(resourceName);
  const whole = `${at}: Invalid value: ${JSON.stringify(texts)}`;
  if (new Set(names.map(shownResource)).size < texts.length)
    problems.push(`${whole}: the same resource cannot be specified multiple times`);
  if (names.some((one, i) => names.some((other, j) => i !== j && overlaps(one, other))))
    problems.push(
      `${whole}: using overlapping resources such as 'secrets' and '*.' in the same resource list is not allowed as they will be masked`,
    );
  for (const [i, text] of texts.entries()) {
    const problem = problemOfName(text);
    if (problem !== undefined) problems.push(`${at}[${String(i)}]: Invalid value: ${JSON.stringify(text)}: ${problem}`);
  }
  return problems;
}

function overlaps(one: ResourceName, other: ResourceName): boolean {
  if (shownResource(one) === shownResource(other)) return one.resource === '*';
  if (one.group === '*' && one.resource === '*') return true;
  return one.group === other.group && (one.resource === '*' || other.resource === '*');
}

function problemOfName(text: string): string | undefined {
  if (text.toLowerCase() !== text) return 'resource name should not contain capital letters';
  if (text === '*') return "use '*.' to encrypt all the resources from core API group or *.* to encrypt all resources";
  if (withoutApi.has(text)) return 'resources which do not have REST API/s cannot be encrypted';
  const { group, resource } = resourceName(text);
  if (group === 'events.k8s.io')
    return "'*.events.k8s.io' objects are stored using the 'events' API group in etcd. Use 'events' instead in the config file";
  if (group === 'extensions') return "'extensions' group has been removed and cannot be used for encryption";
  if (group === '*' && resource !== '*') return 'encrypting the same resource across groups is not supported';
  return undefined;
}
