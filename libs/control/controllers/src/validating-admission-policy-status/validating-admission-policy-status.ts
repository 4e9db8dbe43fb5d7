import { type KubeObject, reasonOf } from '@reckon/api/machinery';
import type { admissionregistrationv1 } from '@reckon/api/types';
import { discover, refs } from '@reckon/client/rest';
import { Controller, done } from '@reckon/control/runtime';
import type { ControllerRow } from '../controller-context';
import { startWhenSynced } from '../start-when-synced';
import { schemaSource } from './schema-source';

type Policy = admissionregistrationv1.ValidatingAdmissionPolicy & KubeObject;

/** Also who applies the status. */
const name = 'validatingadmissionpolicy-status-controller';
const manager = 'validatingadmissionpolicy-status';

const isWanting = ({ metadata, status }: Policy): boolean =>
  (metadata.generation ?? 0) > (status?.observedGeneration ?? 0);

/**
 * Says of a policy which of its expressions do not fit the kinds that it is about, and that it has been looked at
 * (pkg/controller/validatingadmissionpolicystatus). The server refuses expressions that are wrong whatever they are about; here they are
 * held against the schemas of what the rules name.
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
        // Most clusters have no policies, and these are all that asks for expressions here.
        const { checkTypes } = await import('./check-types');
        const expressionWarnings = await checkTypes(policy.spec ?? {}, {
          served: () => discover(context.rest),
          schemas: schemaSource(context.rest),
        });
        const typeChecking = expressionWarnings.length === 0 ? {} : { expressionWarnings };
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
              status: { observedGeneration, typeChecking },
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
