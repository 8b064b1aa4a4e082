// Asks for the page anew once a round while somebody sees it, and sooner when told to: the function that comes back
// takes the milliseconds. Who is signed out is asked for again when the page is seen anew.

export function keepFresh(everyS, { show, fail = () => {} }) {
  let askedAt = Date.now();
  let timer;

  schedule();
  document.addEventListener('visibilitychange', schedule);

  function schedule() {
    lookIn(askedAt + everyS * 1_000 - Date.now());
  }

  function lookIn(ms) {
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(() => void look(), Math.max(0, ms));
  }

  async function look() {
    askedAt = Date.now();
    try {
      // The name tells the server that nobody can be led to the sign-in from here.
      const headers = { 'X-Requested-With': 'fetch' };
      const response = await fetch(location.href, { headers, signal: AbortSignal.timeout(15_000) });
      if (response.status === 401) return;
      if (!response.ok) throw new Error(`answered ${response.status}`);
      document.dispatchEvent(new Event('followspot:reached'));
      show(new DOMParser().parseFromString(await response.text(), 'text/html'), response);
    } catch {
      fail();
    }
    schedule();
  }

  return lookIn;
}
