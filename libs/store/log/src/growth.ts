import { nextTurn } from '@reckon/kernel';

/** Those who follow the head of a log. They are told in the next turn of the event loop, once for all that moved it in this one. */
export class Growth {
  private readonly listeners = new Set<() => void>();
  private isDue = false;

  /** Somebody listens. */
  get isFollowed(): boolean {
    return this.listeners.size > 0;
  }

  /** As `LogReader.onGrown`: a function may be given twice, and each is ended by itself. */
  listen(listener: () => void): () => void {
    const own = (): void => {
      listener();
    };
    this.listeners.add(own);
    return () => {
      this.listeners.delete(own);
    };
  }

  /** The head has moved. */
  tell(): void {
    if (this.isDue || this.listeners.size === 0) return;
    this.isDue = true;
    nextTurn(() => {
      this.isDue = false;
      for (const listener of [...this.listeners]) if (this.listeners.has(listener)) listener();
    });
  }

  /** Nobody is told any more. */
  end(): void {
    this.listeners.clear();
  }
}
