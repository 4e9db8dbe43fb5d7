import { statusErrors } from '@reckon/api/machinery';
import type { ObjectReader } from '../object-reader';
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin';
import { isAbout } from '../target';

const namespaces = { group: '', resource: 'namespaces' };

/** Whether a request is in a namespace, and not about one. */
export const isWithinNamespace = (attributes: AdmissionAttributes): boolean =>
  attributes.namespace !== '' && !isAbout(attributes, '', 'namespaces');

/** Nothing is done in a namespace that is not there (plugin/pkg/admission/namespace/exists). */
export const namespaceExists = (objects: ObjectReader): AdmissionPlugin => ({
  name: 'NamespaceExists',
  handles: (operation) => operation !== 'CONNECT',
  validate(attributes) {
    if (isWithinNamespace(attributes) && objects.get(namespaces, '', attributes.namespace) === undefined)
      throw statusErrors.notFound(namespaces, attributes.namespace);
  },
});
