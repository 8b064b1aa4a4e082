export type PushPromise = ReturnType<typeof createPushPromise>;

/**
 * Whom push promises to tell about, or has promised since everybody was last compared: what is found of
 * them meanwhile should have been told, and comes late. A gap takes no promise back.
 */
export function createPushPromise(coversNow: (streamerId: string) => boolean) {
  const promised = new Set<string>();

  /** Answering yes also records the promise. */
  function covers(streamerId: string): boolean {
    if (!promised.has(streamerId) && coversNow(streamerId)) promised.add(streamerId);
    return promised.has(streamerId);
  }

  return {
    /** To be called now and then with all favourites. */
    note(streamerIds: string[]): void {
      for (const id of streamerIds) covers(id);
    },

    covers,

    /**
     * Everybody begins to be compared. When that has ended, the answer is to be called: what was promised, but
     * was not covered any more at the beginning, is then settled. What has lapsed since may still come late.
     */
    comparing(): () => void {
      const lapsed = [...promised].filter((id) => !coversNow(id));
      return () => {
        for (const id of lapsed) promised.delete(id);
      };
    },
  };
}
