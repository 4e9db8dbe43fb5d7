import type { MetricsRegistry } from '@reckon/kernel';
import type { Authorizer, Decision } from './authorizer';

/** Counts what each authorizer of a server decides for good (k8s.io/apiserver/pkg/authorization/metrics `InstrumentedAuthorizer`). */
export type DecisionCounter = (type: string, name: string, authorizer: Authorizer) => Authorizer;

export function decisionCounter(metrics: MetricsRegistry): DecisionCounter {
  const decisions = metrics.counter(
    'apiserver_authorization_decisions_total',
    'Decisions by which an authorizer ended the search, by its type and name.',
    ['type', 'name', 'decision'],
  );
  return (type, name, authorizer) => {
    const allowed = decisions.of(type, name, 'allowed');
    const denied = decisions.of(type, name, 'denied');
    const counted = (decision: Decision): Decision => {
      if (decision.allowed) allowed(1);
      else if (decision.denied === true) denied(1);
      return decision;
    };
    return {
      name: authorizer.name,
      authorize(attributes) {
        const decision = authorizer.authorize(attributes);
        return decision instanceof Promise ? decision.then(counted) : counted(decision);
      },
    };
  };
}
