/** Remembers the last ids that it was shown. */
export interface Memory {
  /** Whether an id is shown for the first time, as far as it remembers; remembers it. */
  isNew(id: string): boolean;
}

/** Forgets the oldest beyond `most`. */
export function createMemory(most: number): Memory {
  const ids = new Set<string>();

  return {
    isNew(id) {
      if (ids.has(id)) return false;
      ids.add(id);
      if (ids.size > most) {
        const [oldest = id] = ids;
        ids.delete(oldest);
      }
      return true;
    },
  };
}
