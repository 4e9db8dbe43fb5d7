import { type KubeObject, reasonOf } from '@reckon/api/machinery';
import type { admissionregistrationv1 } from '@reckon/api/types';
import { refs } from '@reckon/client/rest';
import { Controller, done } from '@reckon/control/runtime';
import type { ControllerRow } from '../controller-context';
import { startWhenSynced } from '../start-when-synced';

type Policy = admissionregistrationv1.ValidatingAdmissionPolicy & KubeObject;

/** Also who applies the status. */
const name = 'validatingadmissionpolicy-status-controller';
const manager = 'validatingadmissionpolicy-status';

/** What a policy says against parameters is known only with the type of the parameters. */
const isWanting = ({ metadata, spec, status }: Policy): boolean =>
  spec?.paramKind === undefined && (metadata.generation ?? 0) > (status?.observedGeneration ?? 0);

/**
 * Says of a policy without parameters that its expressions have been seen, and that there is nothing to warn of
 * (pkg/controller/validatingadmissionpolicystatus): the server has compiled them before it took the policy, and whether a field that
 * they name exists is not looked at. A policy with parameters gets no status rather than one that says it was checked.
 */
export const validatingAdmissionPolicyStatus: ControllerRow = {
  name,
  serviceAccount: name,
  start(context) {
    const policies = context.informers.informer<Policy>(refs.validatingAdmissionPolicies);
    const client = context.rest.resource<Policy>(refs.validatingAdmissionPolicies);
    const controller = new Controller(
      'validatingadmissionpolicy-status',
      async (key) => {
        const policy = policies.lister.byKey(key);
        if (policy === undefined || !isWanting(policy)) return done;
        const observedGeneration = policy.metadata.generation ?? 0;
        try {
          await client.patch('', key, {
            type: 'apply',
            subresource: 'status',
            fieldManager: manager,
            force: true,
            body: {
              apiVersion: 'admissionregistration.k8s.io/v1',
              kind: 'ValidatingAdmissionPolicy',
              metadata: { name: key },
              status: { observedGeneration, typeChecking: {} },
            },
          });
        } catch (error) {
          if (reasonOf(error) !== 'NotFound') throw error;
        }
        return done;
      },
      context,
    );
    const enqueue = (policy: Policy): void => {
      if (isWanting(policy)) controller.enqueue(policy.metadata.name ?? '');
    };
    policies.addHandler({ add: enqueue, update: (_, policy) => enqueue(policy) });
    return startWhenSynced([controller], [policies]);
  },
};
