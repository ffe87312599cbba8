/** Work that must not run twice at once, and must run again when it was asked for meanwhile. */
export class Coalesced {
  private readonly running = new Map<string, Promise<void>>();
  private readonly again = new Set<string>();

  /** Runs `work`, or once more after the run in progress: what that run has read may be too old. */
  run(key: string, work: () => Promise<void>): Promise<void> {
    const current = this.running.get(key);
    if (current) {
      this.again.add(key);
      return current;
    }
    const loop = this.loop(key, work);
    this.running.set(key, loop);
    return loop;
  }

  private async loop(key: string, work: () => Promise<void>): Promise<void> {
    try {
      do {
        this.again.delete(key);
        await work();
      } while (this.again.has(key));
    } finally {
      this.running.delete(key); // in the same step as the last look at `again`, so that no wish falls between
    }
  }
}

/** Asks once and keeps the answer; a failure is not kept, so the next call asks again. */
export function once<T>(load: () => Promise<T>): () => Promise<T> {
  let known: Promise<T> | null = null;
  return () => {
    known ??= load().catch((error: unknown) => {
      known = null;
      throw error;
    });
    return known;
  };
}
