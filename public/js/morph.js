// Makes one element like the other and leaves alone what is equal. Children with an id are matched by it, the others by place.
export function morph(from, to) {
  if (from.isEqualNode(to) || isKept(from, to)) return;
  if (from.nodeName !== to.nodeName || from.id !== to.id) from.replaceWith(to);
  else if (from.nodeType === Node.ELEMENT_NODE) morphElement(from, to);
  else from.nodeValue = to.nodeValue;
}

// What keeps itself up to date is left alone, as long as it is about the same.
function isKept(from, to) {
  if (from.nodeType !== Node.ELEMENT_NODE || from.id !== to.id) return false;
  return 'keep' in from.dataset && from.dataset.keep === to.dataset.keep;
}

function morphElement(from, to) {
  for (const name of from.getAttributeNames()) if (!to.hasAttribute(name)) from.removeAttribute(name);
  for (const { name, value } of to.attributes)
    if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  morphChildren(from, [...to.childNodes]);
}

function morphChildren(parent, wanted) {
  const known = new Map([...parent.children].filter((child) => child.id).map((child) => [child.id, child]));
  const kept = new Set(wanted.map((child) => known.get(child.id)).filter(Boolean));
  let place = parent.firstChild;
  // What keeps itself and is not wanted was put there by a script, which takes it away again.
  const isGuest = (node) => node?.nodeType === Node.ELEMENT_NODE && 'keep' in node.dataset && !kept.has(node);
  for (const child of wanted) {
    while (isGuest(place)) place = place.nextSibling;
    const match = known.get(child.id);
    if (match) {
      while (place && place !== match && !kept.has(place))
        place = isGuest(place) ? place.nextSibling : dropped(place);
      if (match === place) place = place.nextSibling;
      else parent.insertBefore(match, place);
      morph(match, child);
    } else if (place && !child.id && !place.id && place.nodeName === child.nodeName) {
      const next = place.nextSibling;
      morph(place, child);
      place = next;
    } else {
      parent.insertBefore(child, place);
    }
  }
  while (place) place = isGuest(place) ? place.nextSibling : dropped(place);
}

function dropped(node) {
  const next = node.nextSibling;
  node.remove();
  return next;
}
