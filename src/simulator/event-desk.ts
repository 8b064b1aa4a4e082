import type { EventSub } from './eventsub/index.ts';
import { html, type Html } from './html.ts';

/** Buttons for what goes wrong between EventSub and whoever listens. */
export function eventDesk(eventSub: EventSub, basePath: string): Html {
  const at = (command: string) => `${basePath}/control/eventsub/${command}`;
  const enabled = eventSub.subscriptions().filter(({ status }) => status === 'enabled').length;
  return html`<p class="about">
      ${eventSub.openSockets()} sockets are open, ${enabled} subscriptions are enabled.
    </p>
    <form method="post" action="${at('close')}">
      <label>
        Code
        <select name="code">
          ${codes.map((code) => html`<option>${code}</option>`)}
        </select>
      </label>
      <button type="submit">Close sockets</button>
      <button type="submit" formaction="${at('drop')}">Break connections</button>
      <button type="submit" formaction="${at('reconnect')}">Ask to reconnect</button>
      <button type="submit" formaction="${at('silence')}">Fall silent</button>
    </form>
    <form method="post" action="${at('duplicate')}">
      <label>Count <input type="text" name="count" inputmode="numeric" size="4" placeholder="1" /></label>
      <button type="submit">Send the next twice</button>
      <button type="submit" formaction="${at('delay')}">Send the next late</button>
      <button type="submit" formaction="${at('hold')}">Hold back</button>
      <button type="submit" formaction="${at('release')}" name="order" value="reversed">
        Release, last first
      </button>
    </form>
    <form method="post" action="${at('revoke')}">
      <label>Type <input type="text" name="type" placeholder="all" /></label>
      <label>Status <input type="text" name="status" value="authorization_revoked" /></label>
      <button type="submit">Revoke</button>
      <button type="submit" formaction="${at('disable-shard')}">Disable a shard</button>
      <button type="submit" formaction="${at('remove-conduit')}">Delete conduits</button>
    </form>
    <form method="post" action="${basePath}/control/life">
      <button type="submit" name="on" value="0">Stop all life</button>
      <button type="submit" name="on" value="1">Let it live</button>
    </form>`;
}

/** Buttons for what happens to one streamer. */
export function eventForms(login: string, basePath: string): Html {
  const at = (command: string) => `${basePath}/control/streamers/${login}/${command}`;
  return html`<details>
    <summary>Events</summary>
    <form method="post" action="${at('raid')}">
      <label>From <input type="text" name="from" maxlength="25" placeholder="anybody live" /></label>
      <label
        >Viewers <input type="text" name="viewers" inputmode="numeric" size="6" placeholder="120"
      /></label>
      <button type="submit">Raid</button>
    </form>
    <form method="post" action="${at('gift-bomb')}">
      <label>Gifts <input type="text" name="total" inputmode="numeric" size="4" placeholder="10" /></label>
      <button type="submit">Gift bomb</button>
      <button type="submit" name="anonymous" value="1">Anonymous</button>
    </form>
    <form method="post" action="${at('subscribe')}">
      ${chatCommands.map(([command, label]) => html`<button type="submit" formaction="${at(command)}">${label}</button>`)}
    </form>
    <form method="post" action="${at('chat-ban')}">
      <label>Reader <input type="text" name="reader" maxlength="25" placeholder="a login" required /></label>
      <button type="submit">Ban from chat</button>
      <button type="submit" formaction="${at('chat-unban')}">Let into chat</button>
    </form>
    <form method="post" action="${at('follow')}">
      ${ownCommands.map(([command, label]) => html`<button type="submit" formaction="${at(command)}">${label}</button>`)}
    </form>
  </details>`;
}

const codes = [4000, 4001, 4002, 4003, 4004, 4005, 4006, 4007];
const chatCommands = [
  ['subscribe', 'Sub'],
  ['resubscribe', 'Resub'],
  ['gift', 'Gift'],
  ['announce', 'Announcement'],
  ['watch-streak', 'Watch streak'],
  ['donate', 'Donation'],
  ['odd-notice', 'Unknown notice'],
] as const;
const ownCommands = [
  ['follow', 'Follow'],
  ['cheer', 'Cheer'],
  ['hype-train', 'Hype train'],
  ['poll', 'Poll'],
  ['prediction', 'Prediction'],
  ['goal', 'Goal'],
  ['foreign-conduit', 'Another program’s conduit'],
] as const;
