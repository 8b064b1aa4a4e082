// Follows a stream of events from where the page is, as long as somebody sees it: a page that is hidden holds no
// connection, and catches up when it is seen again. Windows with the same page share one connection: whoever holds the
// lock reads and passes on; who comes later says where it is and gets what it lacks; when the reader goes, another takes over.

import { connect } from './connection.js';

// A BroadcastChannel reaches our own origin only.
/* oxlint-disable unicorn/require-post-message-target-origin */

const MOST_KEPT = 200;
const HIDDEN_MS = 5_000;

export function follow(url, after, { onEvent, onCard = () => {}, onState = () => {} }) {
  let last = Number(after) || 0;
  let floor = last;
  let leave = null;
  let hiding;
  // Whoever comes late hears what happens now before what happened before, and either may come again.
  const heard = new Set();

  const receive = {
    event({ id, html }) {
      if (id <= floor || heard.has(id)) return;
      last = Math.max(last, id);
      heard.add(id);
      if (heard.size > MOST_KEPT) floor = forgetFirst(heard);
      onEvent(html, id);
    },
    card: ({ html }) => onCard(html),
    state: ({ state }) => onState(state),
  };

  function join() {
    leave ??= (canShare() ? share : connect)(
      url,
      () => last,
      (message) => receive[message.what](message),
    );
  }

  function part() {
    leave?.();
    leave = null;
  }

  // Who only glances at another tab need not come back for it.
  function look() {
    clearTimeout(hiding);
    if (document.hidden) hiding = setTimeout(part, HIDDEN_MS);
    else join();
  }

  look();
  document.addEventListener('visibilitychange', look);
  // A page that the browser keeps for the way back may hold neither connection nor lock.
  addEventListener('pagehide', part);
  addEventListener('pageshow', (event) => event.persisted && look());
}

function forgetFirst(ids) {
  const first = Math.min(...ids);
  ids.delete(first);
  return first;
}

// Locks exist in secure contexts only.
function canShare() {
  return 'locks' in navigator;
}

function share(url, lastOf, receive) {
  const name = `followspot ${url}`;
  const channel = new BroadcastChannel(name);
  const leaving = new AbortController();
  let leader = null;

  const hello = () => channel.postMessage({ what: 'join', after: lastOf() });

  channel.addEventListener('message', ({ data }) => {
    if (data.what === 'join') leader?.welcome(data.after);
    // Who joined while nobody read was not heard.
    else if (data.what === 'lead') hello();
    else receive(data);
  });
  hello();
  navigator.locks
    .request(name, { signal: leaving.signal }, () => {
      channel.postMessage({ what: 'lead' });
      leader = lead(url, lastOf, (message) => channel.postMessage(message), receive);
      return leader.ended;
    })
    .catch(() => {});

  return () => {
    leaving.abort();
    leader?.leave();
    channel.close();
  };
}

// `kept` is all that came after `floor`.
function lead(url, lastOf, post, receive) {
  let kept = [];
  let floor = lastOf();
  let position = floor;
  let state = 'waiting';
  let close = open();
  let end;
  const ended = new Promise((resolve) => (end = resolve));

  function open() {
    return connect(url, () => position, pass);
  }

  function pass(message) {
    if (message.what === 'state') state = message.state;
    else keep(message);
    receive(message);
    post(message);
  }

  function keep(message) {
    if (message.what === 'event') position = Math.max(position, message.id);
    kept.push({ ...message, position });
    while (kept.length > MOST_KEPT) floor = kept.shift().position;
  }

  return {
    ended,
    welcome(after) {
      post({ what: 'state', state });
      if (after >= floor && state !== 'signed-out') {
        for (const message of kept) if (message.position > after) post(message);
        return;
      }
      // Further back than what is kept, or signed in again: read from there; who has it already passes over it.
      close();
      kept = [];
      floor = position = Math.min(position, after);
      close = open();
    },
    leave() {
      close();
      end();
    },
  };
}
