// One connection to a stream of events. The browser comes back by itself from where it was, unless it was refused.

// A BroadcastChannel reaches our own origin only.
/* oxlint-disable unicorn/require-post-message-target-origin */

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
const MOST_OPEN = 4;
const TURN_MS = 8_000;

export function connect(url, lastOf, receive) {
  let source;
  let timer;
  let pauseMs = FIRST_PAUSE_MS;
  let isOver = false;
  const turns = takeTurns(() => comeBackIn(TURN_MS, 'turns'));

  function open() {
    close();
    const address = new URL(url, location.href);
    address.searchParams.set('after', lastOf());
    source = new EventSource(address);
    turns.begin();
    source.addEventListener('open', () => {
      pauseMs = FIRST_PAUSE_MS;
      tell('live');
    });
    source.addEventListener('stream-event', ({ data, lastEventId }) =>
      receive({ what: 'event', id: Number(lastEventId), html: data }),
    );
    source.addEventListener('streamer-card', ({ data }) => receive({ what: 'card', html: data }));
    source.addEventListener('error', () => {
      const state = navigator.onLine ? 'waiting' : 'offline';
      if (source.readyState === EventSource.CLOSED) void standBack(address, state);
      else tell(state);
    });
  }

  // An EventSource does not say why it was refused. Who is signed out need not ask again before the page is seen anew.
  async function standBack(address, state) {
    comeBackIn(pauseMs, state);
    pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
    const answer = await fetch(address, { method: 'HEAD' }).catch(() => null);
    if (answer?.status !== 401 || isOver) return;
    close();
    tell('signed-out');
  }

  function comeBackIn(ms, state) {
    close();
    timer = setTimeout(open, ms * (0.5 + Math.random()));
    tell(state);
  }

  function close() {
    clearTimeout(timer);
    if (source) turns.end();
    source?.close();
    source = undefined;
  }

  const tell = (state) => receive({ what: 'state', state });
  const hurry = () => source?.readyState !== EventSource.OPEN && open();
  addEventListener('online', hurry);
  open();

  return () => {
    isOver = true;
    close();
    turns.leave();
    removeEventListener('online', hurry);
  };
}

// A browser has six connections for all its pages of a host. When more windows are seen at once than may be open, who
// opened first makes room, and comes back a little later for what happened meanwhile.
function takeTurns(makeRoom) {
  const channel = new BroadcastChannel('followspot connections');
  const id = Math.random();
  const later = new Set();
  let openedAt = null;

  function tell(at) {
    openedAt = at;
    later.clear();
    channel.postMessage({ id, openedAt });
  }

  channel.addEventListener('message', ({ data }) => {
    if (data.openedAt === null) later.delete(data.id);
    else if (openedAt !== null && data.openedAt >= openedAt) later.add(data.id);
    if (later.size >= MOST_OPEN) makeRoom();
  });

  return { begin: () => tell(Date.now()), end: () => tell(null), leave: () => channel.close() };
}
