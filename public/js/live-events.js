// Follows a stream of events from where the page is. Tabs of one browser share one connection: whoever holds the lock
// reads and passes on; who comes later says where it is and gets what it lacks; when the reader goes, another takes over.

// A BroadcastChannel reaches our own origin only.
/* oxlint-disable unicorn/require-post-message-target-origin */

const MOST_KEPT = 200;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

export function follow(url, after, { onEvent, onCard = () => {}, onState = () => {} }) {
  let last = Number(after) || 0;
  let floor = last;
  let leave;
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

  const join = () =>
    (leave = (canShare() ? share : read)(
      url,
      () => last,
      (message) => receive[message.what](message),
    ));
  join();
  // A page that the browser keeps for the way back may hold neither connection nor lock.
  addEventListener('pagehide', () => leave());
  addEventListener('pageshow', (event) => event.persisted && join());
}

function forgetFirst(ids) {
  const first = Math.min(...ids);
  ids.delete(first);
  return first;
}

// Locks exist in secure contexts only.
function canShare() {
  return 'locks' in navigator && 'BroadcastChannel' in globalThis;
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
    return read(url, () => position, pass);
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
      if (after >= floor) {
        for (const message of kept) if (message.position > after) post(message);
        return;
      }
      // Further back than what is kept: read again from there; who has it already passes over it.
      close();
      kept = [];
      floor = position = after;
      close = open();
    },
    leave() {
      close();
      end();
    },
  };
}

// The connection itself. The browser comes back by itself from where it was, unless it was refused.
function read(url, lastOf, receive) {
  let source;
  let timer;
  let pauseMs = FIRST_PAUSE_MS;

  function open() {
    clearTimeout(timer);
    source?.close();
    const address = new URL(url, location.href);
    address.searchParams.set('after', lastOf());
    source = new EventSource(address);
    source.addEventListener('open', () => {
      pauseMs = FIRST_PAUSE_MS;
      receive({ what: 'state', state: 'live' });
    });
    source.addEventListener('stream-event', ({ data, lastEventId }) =>
      receive({ what: 'event', id: Number(lastEventId), html: data }),
    );
    source.addEventListener('streamer-card', ({ data }) => receive({ what: 'card', html: data }));
    source.addEventListener('error', () => {
      receive({ what: 'state', state: navigator.onLine ? 'waiting' : 'offline' });
      if (source.readyState === EventSource.CLOSED) comeBackLater();
    });
  }

  function comeBackLater() {
    clearTimeout(timer);
    timer = setTimeout(open, pauseMs * (0.5 + Math.random()));
    pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
  }

  const hurry = () => source.readyState !== EventSource.OPEN && !document.hidden && open();
  addEventListener('online', hurry);
  document.addEventListener('visibilitychange', hurry);
  open();

  return () => {
    clearTimeout(timer);
    source.close();
    removeEventListener('online', hurry);
    document.removeEventListener('visibilitychange', hurry);
  };
}
