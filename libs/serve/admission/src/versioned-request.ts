import { createDecoder, type Decoder, type KindRegistry, type ResourceRow } from '@reckon/api/kinds';
import { apiVersionOf, type GroupVersionKind, type KubeObject } from '@reckon/api/machinery';
import type { AdmissionAttributes } from './plugin';
import { isView, kindOf } from './matching/request-kind';

/** How objects of a kind are brought into another version, read and completed. */
export interface ObjectForms {
  readonly kinds: KindRegistry;
  readonly decoder: Decoder;
  /** Sets the defaults of a stored form, as it comes to a subresource ('' for the object itself). */
  readonly defaultsOf: (row: ResourceRow, subresource: string) => ((object: KubeObject) => void) | undefined;
}

export const objectForms = (kinds: KindRegistry, defaultsOf: ObjectForms['defaultsOf']): ObjectForms => ({
  kinds,
  defaultsOf,
  decoder: createDecoder(kinds),
});

/**
 * One request as those see it who ask for a version of its objects (admission.VersionedAttributes). Objects come in their stored form;
 * converted ones are made when first asked for, and again after a change.
 */
export class VersionedRequest {
  readonly kind: GroupVersionKind;
  private readonly isView: boolean;
  private objects = new Map<string, KubeObject>();
  private readonly oldObjects = new Map<string, KubeObject>();

  constructor(
    readonly attributes: AdmissionAttributes,
    readonly forms: ObjectForms,
  ) {
    this.kind = kindOf(attributes.row, attributes.subresource);
    this.isView = isView(attributes.row, attributes.subresource) && attributes.operation !== 'CONNECT';
  }

  /** Shared: not to be written to. */
  objectIn(kind: GroupVersionKind): KubeObject | undefined {
    return this.convert(this.objects, this.attributes.object, kind);
  }

  oldObjectIn(kind: GroupVersionKind): KubeObject | undefined {
    return this.convert(this.oldObjects, this.attributes.oldObject, kind);
  }

  private convert(
    known: Map<string, KubeObject>,
    object: KubeObject | undefined,
    kind: GroupVersionKind,
  ): KubeObject | undefined {
    if (object === undefined || !this.isView) return object;
    const apiVersion = apiVersionOf(kind);
    if (object.apiVersion === apiVersion) return object;
    let converted = known.get(apiVersion);
    if (converted === undefined) {
      converted = this.forms.kinds.converters.convert(object, kind);
      known.set(apiVersion, converted);
    }
    return converted;
  }

  /** Puts a changed object, in any of its versions and in canonical form, in the place of the request's. */
  replace(changed: KubeObject): void {
    const { attributes, forms } = this;
    const { object, row, subresource } = attributes;
    if (object === undefined) throw new Error('there is no object to replace');
    let stored = changed;
    if (this.isView) {
      stored = forms.kinds.converters.convert(changed, row.storage);
      forms.defaultsOf(row, subresource)?.(stored);
    }
    this.objects = new Map();
    if (stored === object) return;
    // In place: the registry goes on with the object that it handed out.
    for (const key of Object.keys(object)) delete object[key];
    Object.assign(object, stored);
  }
}
