import type { Account } from './account.ts';
import { eventDesk, eventForms } from './event-desk.ts';
import type { EventSub } from './eventsub/index.ts';
import { faultKinds, type Faults } from './faults.ts';
import { html, type Html } from './html.ts';
import { portraitPath } from './images.ts';
import type { Page } from './page.ts';
import type { StreamList } from './stream-list.ts';
import type { World } from './world.ts';

interface Parts {
  world: World;
  streamList: StreamList;
  faults: Faults;
  eventSub: EventSub;
  basePath: string;
}

/** The desk behind the scenes, for people: who is live, and what goes wrong. */
export function controlPage({ world, streamList, faults, eventSub, basePath }: Parts): Page {
  const streamers = world.everybody().filter(({ kind }) => kind === 'streamer');
  const body = html`<header class="notice">
      <strong>Simulated Twitch.</strong> Changes here are seen by everybody who uses it.
    </header>
    <main class="control">
      <h1>Behind the scenes</h1>
      <p class="about">${world.live().length} of ${streamers.length} streamers are live.</p>
      <h2>Faults</h2>
      ${faultDesk(faults, basePath)} ${lagDesk(streamList, basePath)}
      <h2>EventSub</h2>
      ${eventDesk(eventSub, basePath)}
      <h2>Streamers</h2>
      <ul class="streamers">
        ${[...world.live(), ...streamers.filter(({ broadcast }) => broadcast === null)].map((streamer) => line(streamer, basePath))}
      </ul>
    </main>`;
  return { title: 'Behind the scenes · Simulated Twitch', body };
}

function faultDesk(faults: Faults, basePath: string): Html {
  const active = faults.active();
  return html`${
      (active.length > 0 || faults.isOut()) &&
      html`<ul class="active">
        ${faults.isOut() && html`<li>Twitch is out: nothing that servers ask is answered rightly</li>`}
        ${active.map(({ path, kind, status, times }) => html`<li>${path}: ${kind} ${status} ${times !== undefined && `(${times} times)`}</li>`)}
      </ul>`
    }
    <form method="post" action="${basePath}/control/faults">
      <label>Path begins with <input type="text" name="path" value="/helix" /></label>
      <label>
        Kind
        <select name="kind">
          ${faultKinds.map((kind) => html`<option>${kind}</option>`)}
        </select>
      </label>
      <label>Status <input type="text" name="status" inputmode="numeric" size="4" placeholder="500" /></label>
      <label
        >Milliseconds <input type="text" name="ms" inputmode="numeric" size="6" placeholder="1000"
      /></label>
      <label
        >Times <input type="text" name="times" inputmode="numeric" size="4" placeholder="for ever"
      /></label>
      <button type="submit">Add fault</button>
      <button
        type="submit"
        formaction="${basePath}/control/outage"
        name="on"
        value="${faults.isOut() ? '0' : '1'}"
      >
        ${faults.isOut() ? 'End the outage' : 'Twitch is out'}
      </button>
      <button type="submit" formaction="${basePath}/control/faults/clear">Clear all</button>
    </form>`;
}

function lagDesk(streamList: StreamList, basePath: string): Html {
  return html`<form method="post" action="${basePath}/control/streams/lag">
    <label
      >Who is live shows late, in milliseconds
      <input type="text" name="ms" inputmode="numeric" size="6" value="${streamList.lagMs()}"
    /></label>
    <button type="submit">Set lag</button>
  </form>`;
}

function line(streamer: Account, basePath: string): Html {
  const { login, displayName, language, broadcast, banned, category, title } = streamer;
  const at = (command: string) => `${basePath}/control/streamers/${login}/${command}`;
  return html`<li class="${broadcast === null ? 'off' : 'on'}">
    <img src="${portraitPath(basePath, streamer)}" width="40" height="40" alt="" loading="lazy" />
    <div>
      <strong><bdi lang="${language}">${displayName}</bdi></strong>
      <span class="about"
        >@${login} · ${stateOf(streamer)} · <bdi>${title}</bdi> · ${category?.name ?? 'no category'}</span
      >
    </div>
    <form method="post" action="${at(broadcast === null ? 'live' : 'offline')}">
      <button type="submit" ${banned && html`disabled`}>
        ${broadcast === null ? 'Go live' : 'Go offline'}
      </button>
      <button type="submit" formaction="${at(banned ? 'unban' : 'ban')}">${banned ? 'Unban' : 'Ban'}</button>
      <button type="submit" formaction="${at('hostile')}">Hostile text</button>
      ${broadcast !== null && html`<button type="submit" formaction="${at('blink')}">Blink</button>`}
    </form>
    ${eventForms(login, basePath)}
    <details>
      <summary>Title, login</summary>
      <form method="post" action="${at('title')}">
        <label>Title <input type="text" name="title" value="${title}" maxlength="140" size="40" /></label>
        <button type="submit">Set title</button>
      </form>
      <form method="post" action="${at('rename')}">
        <label
          >Login <input type="text" name="to" value="${login}" maxlength="25" pattern="\\w+" required
        /></label>
        <button type="submit">Rename</button>
      </form>
    </details>
  </li>`;
}

function stateOf({ broadcast, banned }: Account): string {
  if (banned) return 'banned';
  return broadcast === null ? 'offline' : `live, ${broadcast.viewers.toLocaleString('en')} watching`;
}
