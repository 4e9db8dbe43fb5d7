import { resourcePrefix } from '@reckon/store/contract';
import type { FieldExtractor, ObjectKey, Revision, StorageResource } from '@reckon/store/contract';
import { ChangeQueue } from './change-queue';
import { prefixEnd } from './key-order';
import { SortedIndex } from './sorted-index';
import type { Place } from './sorted-index';
import { Stored } from './stored';
import type { Extraction } from './stored';

/** Current objects of one resource, their order, and its recent changes. */
export class ResourceTable implements Extraction {
  readonly prefix: string;
  readonly recent = new ChangeQueue();
  readonly order = new SortedIndex<Stored>();
  extract: FieldExtractor | undefined = undefined;
  /** How many live watchers ask for labels or fields: if any, both are taken from an object when it is committed. */
  selectors = 0;
  private readonly byText = new Map<string, Stored>();

  constructor(readonly resource: StorageResource) {
    this.prefix = resourcePrefix(resource);
  }

  get count(): number {
    return this.byText.size;
  }

  get(text: string): Stored | undefined {
    return this.byText.get(text);
  }

  stored(text: string, revision: Revision, bytes: Buffer, key?: ObjectKey): Stored {
    return new Stored(text, revision, bytes, this, key);
  }

  load(objects: Stored[]): void {
    for (const object of objects) this.byText.set(object.text, object);
    this.order.load(objects);
  }

  set(object: Stored): void {
    this.byText.set(object.text, object);
    this.order.set(object);
  }

  delete(text: string): void {
    if (this.byText.delete(text)) this.order.delete(text);
  }

  /** `/core/pods/` or `/core/pods/default/`. */
  scope(namespace: string): string {
    return namespace === '' ? this.prefix : `${this.prefix}${namespace}/`;
  }

  /** The places where a namespace ('' = all) begins, after a key if one is given, and ends. */
  range(namespace: string, startAfter?: string): { from: Place; to: Place } {
    if (namespace === '' && startAfter === undefined) return { from: this.order.start, to: this.order.end };
    const scope = this.scope(namespace);
    const to = namespace === '' ? this.order.end : this.order.seek(prefixEnd(scope));
    const from = this.order.seek(startAfter === undefined ? scope : afterText(startAfter));
    return { from, to };
  }
}

/** The least text greater than this one. */
export const afterText = (text: string): string => `${text}\u0000`;
