/** The scopes that the simulator knows, each in words that finish "The application would like to …". */
const meanings: Readonly<Record<string, string>> = {
  openid: 'know who you are',
  'user:read:follows': 'see which channels you follow',
  'user:read:chat': 'read chat as you, with its subs, gifts and raids',
  'user:write:chat': 'write in chat as you',
  'user:bot': 'appear in chat as a bot of yours',
  'user:read:emotes': 'see which emotes you can use',
  'user:read:subscriptions': 'see whether you subscribe to a channel',
  'user:read:email': 'read your e-mail address',
  'channel:bot': 'join the chat of your channel as a bot',
  'bits:read': 'see the Bits your channel gets',
  'channel:read:subscriptions': 'see who subscribes to your channel',
  'channel:read:polls': 'see the polls of your channel',
  'channel:read:predictions': 'see the predictions of your channel',
  'channel:read:redemptions': 'see the channel points spent on your channel',
  'channel:read:hype_train': 'see the hype trains of your channel',
  'channel:read:goals': 'see the goals of your channel',
  'channel:read:charity': 'see the charity campaigns of your channel',
  'channel:read:ads': 'see the advertising of your channel',
  'channel:read:vips': 'see the VIPs of your channel',
  'moderation:read': 'see the moderators and bans of your channel',
  'moderator:read:followers': 'see who follows a channel that you moderate',
  'moderator:read:shoutouts': 'see the shoutouts of a channel that you moderate',
};

export function isScope(scope: string): boolean {
  return Object.hasOwn(meanings, scope);
}

export function meaningOf(scope: string): string {
  return meanings[scope] ?? scope;
}
