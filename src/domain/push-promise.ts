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

    /** Everybody has been compared: what was promised before is settled. */
    settle: (): void => promised.clear(),
  };
}
