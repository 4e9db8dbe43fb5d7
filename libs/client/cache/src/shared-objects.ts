/**
 * What several watches of one process bring is parsed once: the same text gives the same object. Each watch has asked with its own
 * rights and has got the bytes itself; only the work and the memory are shared. Nobody may change what he gets, as with anything that
 * comes out of a cache; an informer takes `managedFields` away, so who needs those must not use this.
 */
export class SharedObjects {
  private readonly known = new Map<string, unknown>();

  /** `remembered`: how far one watch may be ahead of another, in objects. A few hundred cost a megabyte or two. */
  constructor(private readonly remembered = 512) {}

  readonly parse = (text: string): unknown => {
    const known = this.known.get(text);
    if (known !== undefined) return known;
    const object: unknown = JSON.parse(text);
    this.known.set(text, object);
    if (this.known.size > this.remembered) {
      const oldest = this.known.keys().next();
      if (oldest.done !== true) this.known.delete(oldest.value);
    }
    return object;
  };
}
