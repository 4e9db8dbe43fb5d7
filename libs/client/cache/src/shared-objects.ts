/**
 * What several watches of one process bring is parsed once: the same text gives the same object. Each watch has asked with its own
 * rights and has got the bytes itself; only the work and the memory are shared. Nobody may change what he gets, as with anything that
 * comes out of a cache; an informer takes `managedFields` away, so who needs those must not use this.
 */
export class SharedObjects {
  private readonly known = new Map<string, unknown>();
  private characters = 0;

  /**
   * `remembered`: how far one watch may be ahead of another, in characters of JSON. Two million are about 500 pods; beyond it the
   * oldest is forgotten first, and a single longer text is not kept at all.
   */
  constructor(private readonly remembered = 2_000_000) {}

  readonly parse = (text: string): unknown => {
    const known = this.known.get(text);
    if (known !== undefined) return known;
    const object: unknown = JSON.parse(text);
    if (text.length > this.remembered) return object;
    this.known.set(text, object);
    this.characters += text.length;
    if (this.characters > this.remembered) this.forget();
    return object;
  };

  private forget(): void {
    for (const text of this.known.keys()) {
      this.known.delete(text);
      this.characters -= text.length;
      if (this.characters <= this.remembered) return;
    }
  }
}
