// Nothing moves under somebody's eyes: not while they point at it or read in it, and not after they have pressed Pause.

let isPaused = false;

export function togglePause() {
  isPaused = !isPaused;
  document.dispatchEvent(new Event('followspot:pause'));
  return isPaused;
}

// Whether a part is held; `release` is called whenever it may have come free.
export function hold(isRead, release) {
  const isHeld = () => isPaused || isRead();
  // What is under the pointer, or has the focus, is known after the event only.
  const retry = () => setTimeout(() => isHeld() || release());
  for (const type of ['pointerout', 'focusout', 'followspot:pause']) document.addEventListener(type, retry);
  return isHeld;
}
