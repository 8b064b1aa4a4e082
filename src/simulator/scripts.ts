const js = String.raw;

/**
 * Lets the lines of a chat appear one after another, for ever. Without it the list just stands there.
 */
export const chatScript = js`
const list = document.querySelector('.lines');
if (list !== null) {
  const waiting = [...list.children].slice(14);
  for (const line of waiting) line.remove();
  const scroll = () => { list.scrollTop = list.scrollHeight; };
  const say = () => {
    const line = waiting.shift();
    line.classList.add('new');
    list.append(line);
    const oldest = list.firstElementChild;
    if (list.children.length > 26) { oldest.remove(); oldest.classList.remove('new'); waiting.push(oldest); }
    scroll();
    setTimeout(say, 900 + Math.random() * 3600);
  };
  scroll();
  if (waiting.length > 0) setTimeout(say, 1500);
}
`;

/** Keeps the number of viewers fresh and loads the frame again when the broadcast begins or ends. */
export const playerScript = js`
const stage = document.querySelector('[data-state]');
const refresh = async () => {
  const response = await fetch(stage.dataset.state).catch(() => null);
  if (response === null || !response.ok) return;
  const { live, viewers } = await response.json();
  if ((live ?? '') !== stage.dataset.live) return location.reload();
  const place = stage.querySelector('[data-viewers]');
  if (place !== null) place.textContent = viewers;
};
if (stage !== null) setInterval(() => { if (!document.hidden) refresh(); }, 10000);
`;
