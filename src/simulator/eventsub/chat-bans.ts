/** Whom a chat does not let in, by ids. */
export interface ChatBans {
  ban(channelId: string, userId: string): void;
  unban(channelId: string, userId: string): void;
  isBanned(channelId: string, userId: string): boolean;
}

export function createChatBans(): ChatBans {
  const bans = new Set<string>();
  return {
    ban: (channelId, userId) => void bans.add(`${channelId} ${userId}`),
    unban: (channelId, userId) => void bans.delete(`${channelId} ${userId}`),
    isBanned: (channelId, userId) => bans.has(`${channelId} ${userId}`),
  };
}
