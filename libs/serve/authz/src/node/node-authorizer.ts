import { goQuote } from '@reckon/api/machinery';
import type { Storage, WatchEvent } from '@reckon/store/contract';
import { type Authorizer, type AuthzAttributes, type Decision, noOpinion, resourceText } from '../authorizer';
import { bootstrapRulesOf } from '../bootstrap/bootstrap-policy';
import { compileRule, ruleAllows } from '../rbac/compiled-rule';
import type { RuleResolver } from '../rule-resolver';
import { type GraphSource, graphSources } from './graph-sources';
import { NodeGraph, vertexKey } from './node-graph';
import { nodeIdentity } from './node-identity';
import { resourceRules } from './node-rules';

export interface NodeAuthorizer extends Authorizer, RuleResolver {
  stop(): void;
}

const allowed: Decision = { allowed: true, reason: '' };

/**
 * Lets each kubelet do what its own pods need and no more (plugin/pkg/auth/authorizer/node `NodeAuthorizer`). Decides from memory;
 * a pod that is bound gives its node the rights before the binding is answered. See DESIGN.md.
 */
export function nodeAuthorizer({ storage }: { readonly storage: Pick<Storage, 'observe'> }): NodeAuthorizer {
  const graph = new NodeGraph();
  const ends = graphSources.map((source) =>
    storage.observe(source.resource, (event) => {
      follow(graph, source, event);
    }),
  );
  const common = bootstrapRulesOf('system:node').map(compileRule);

  function authorize(a: AuthzAttributes): Decision {
    const node = nodeIdentity(a.user);
    if (node === undefined) return noOpinion;
    if (node === '') return { allowed: false, reason: `unknown node for user ${goQuote(a.user.name)}` };
    const rule = a.isResource ? resourceRules.get(`${a.group}/${a.resource}`) : undefined;
    if (rule !== undefined) {
      const reason = rule({ node, attributes: a, graph });
      return reason === undefined ? allowed : reason === '' ? noOpinion : { allowed: false, reason };
    }
    const resource = resourceText(a);
    return common.some((each) => ruleAllows(each, a, resource)) ? allowed : noOpinion;
  }

  return {
    name: 'Node',
    authorize,
    rulesFor: (user) =>
      nodeIdentity(user) === undefined
        ? { rules: [], errors: [] }
        : { rules: [], errors: ['node authorizer does not support user rule resolution'], isIncomplete: true },
    stop() {
      for (const end of ends) end();
    },
  };
}

function follow(graph: NodeGraph, source: GraphSource, { type, object }: WatchEvent): void {
  const key = vertexKey(source.resource.resource, object.key.namespace, object.key.name);
  if (type === 'DELETED') {
    graph.delete(key);
    return;
  }
  if (!graph.has(key) && source.isSilent?.(object) === true) return;
  if (source.mayDiffer !== undefined && graph.has(key) && !source.mayDiffer(object)) return;
  const relations = source.relationsOf(object.parse());
  if (relations === undefined) graph.delete(key);
  else graph.set(key, relations);
}
