/**
 * Looks again at who went live: the message that tells it carries neither title nor viewers, and Twitch's
 * lists lag behind it. Those who went live at about the same time are asked about together.
 */
export function createFreshener(parts: {
  look: (streamerIds: string[]) => Promise<void>;
  /** How long after, in milliseconds. */
  delaysMs: number[];
  /** How long to gather. */
  gatherMs: number;
  log: { warn(details: object, message: string): void };
}) {
  const timers = new Set<NodeJS.Timeout>();
  let gathering: Set<string> | null = null;

  function after(delayMs: number, act: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, delayMs);
    timer.unref();
    timers.add(timer);
  }

  function begin(): Set<string> {
    const ids = new Set<string>();
    after(parts.gatherMs, () => {
      gathering = null;
      for (const delayMs of parts.delaysMs) after(delayMs, () => void look([...ids]));
    });
    return ids;
  }

  async function look(streamerIds: string[]): Promise<void> {
    await parts.look(streamerIds).catch((error: unknown) => {
      parts.log.warn({ err: error }, 'Who went live could not be looked at; the poll will');
    });
  }

  return {
    wentLive(streamerId: string): void {
      gathering ??= begin();
      gathering.add(streamerId);
    },
    stop(): void {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      gathering = null;
    },
  };
}
