import { StatusError } from '@reckon/api/machinery';
import { admissionForbidden } from '../admission-forbidden';
import type { ObjectReader } from '../object-reader';
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin';
import { isWithinNamespace } from './namespace-exists';

const namespaces = { group: '', resource: 'namespaces' };

/** Makes the namespace; resolves when it is there. Throws StatusError. */
export type CreateNamespace = (name: string) => Promise<void>;

/** Whoever makes something in a namespace that is not there gets it made (plugin/pkg/admission/namespace/autoprovision). */
export function namespaceAutoProvision(objects: ObjectReader, create: CreateNamespace): AdmissionPlugin {
  async function provision(attributes: AdmissionAttributes): Promise<void> {
    try {
      await create(attributes.namespace);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      // Somebody else wanted it too.
      if (error.code !== 'AlreadyExists') throw admissionForbidden(attributes, error.message);
    }
  }

  return {
    name: 'NamespaceAutoProvision',
    handles: (operation) => operation === 'CREATE',
    admit(attributes) {
      if (attributes.dryRun || !isWithinNamespace(attributes)) return undefined;
      if (objects.get(namespaces, '', attributes.namespace) !== undefined) return undefined;
      return provision(attributes);
    },
  };
}
