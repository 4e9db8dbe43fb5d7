import { parseObject } from '@reckon/api/kinds';
import { memberSpan } from '@reckon/api/machinery';
import { parseKey } from '@reckon/store/contract';
import type { FieldExtractor, ObjectKey, Revision, StoredJson, StoredObject } from '@reckon/store/contract';
import { stampRevision } from './stamp-revision';

/** What all objects of a resource share; `extract` may be replaced at run time. */
export interface Extraction {
  extract: FieldExtractor | undefined;
}

const noLabels: Readonly<Record<string, string>> = Object.freeze({});
const labelsPath = ['metadata', 'labels'] as const;

/**
 * One version of one object: bytes, and what was asked of them so far. Everything but the bytes is made on first use, so that an
 * object nobody selects costs its bytes and about a hundred more.
 */
export class Stored implements StoredObject {
  private knownKey: ObjectKey | undefined;
  private knownLabels: Readonly<Record<string, string>> | undefined = undefined;
  private knownFields: Readonly<Record<string, string>> | undefined = undefined;
  /** The extractor that made `knownFields`: another one makes them stale. */
  private fieldsBy: FieldExtractor | undefined = undefined;

  constructor(
    readonly text: string,
    readonly revision: Revision,
    readonly bytes: Buffer,
    private readonly extraction: Extraction,
    key?: ObjectKey,
  ) {
    this.knownKey = key;
  }

  get key(): ObjectKey {
    return (this.knownKey ??= parseKey(this.text));
  }

  parse(): StoredJson {
    return parseObject(this.bytes);
  }

  get labels(): Readonly<Record<string, string>> {
    return (this.knownLabels ??= this.readLabels());
  }

  get fields(): Readonly<Record<string, string>> {
    const extract = this.extraction.extract;
    if (this.knownFields === undefined || this.fieldsBy !== extract) {
      this.knownFields = extract === undefined ? nameFields(this.key) : extract(this.parse());
      this.fieldsBy = extract;
    }
    return this.knownFields;
  }

  /** Takes labels and fields from the object that the bytes were made of, which is cheaper than reading them back. */
  extractFrom(object: StoredJson): void {
    const labels = object.metadata.labels;
    this.knownLabels = labels === undefined ? noLabels : { ...labels };
    const extract = this.extraction.extract;
    this.knownFields = extract === undefined ? nameFields(this.key) : extract(object);
    this.fieldsBy = extract;
  }

  /** The same state under another revision. */
  restamped(revision: Revision): Stored {
    return new Stored(this.text, revision, stampRevision(this.bytes, revision), this.extraction, this.knownKey);
  }

  private readLabels(): Readonly<Record<string, string>> {
    const span = memberSpan(this.bytes, labelsPath);
    if (span === undefined) return noLabels;
    const labels: unknown = JSON.parse(this.bytes.toString('utf8', span.start, span.end));
    return typeof labels === 'object' && labels !== null ? (labels as Record<string, string>) : noLabels;
  }
}

function nameFields(key: ObjectKey): Record<string, string> {
  return { 'metadata.name': key.name, 'metadata.namespace': key.namespace };
}
