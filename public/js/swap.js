// A form with data-swap is sent without leaving the page. It, or the element that data-swap names by its id, is replaced
// by itself from the page that answers; when it is refused, the reason stands beside it. That nobody answers is said until
// somebody does, and long enough to be read.

const READING_MS = 3_000;

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (!form.matches('form[data-swap]')) return;
  event.preventDefault();
  if (event.submitter) event.submitter.disabled = true;
  void swap(form, event.submitter);
});
document.addEventListener('followspot:reached', () => {
  for (const reason of document.querySelectorAll('[data-unreached]'))
    setTimeout(() => reason.remove(), READING_MS);
});

async function swap(form, button) {
  const id = form.dataset.swap || form.id;
  const { status, page } = await answerTo(form);
  // Signed out: the page as it is now leads to the sign-in.
  if (status === 401) return location.reload();
  document.getElementById(`refused-${id}`)?.remove();
  const next = status === 200 && page.getElementById(id);
  if (next) replace(id, document.importNode(next, true));
  else refuse(id, form, page, button);
}

async function answerTo(form) {
  try {
    const body = new URLSearchParams(new FormData(form));
    const response = await fetch(form.action, { method: 'POST', body });
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    return { status: response.status, page };
  } catch {
    return { status: 0, page: null };
  }
}

function replace(id, next) {
  document.getElementById(id).replaceWith(next);
  // Where nothing is left to do, one stands before it.
  const place = next.querySelector('button') ?? next.previousElementSibling?.querySelector('h1, h2');
  place?.focus({ preventScroll: true });
  document.dispatchEvent(new CustomEvent('followspot:swapped', { detail: id }));
}

function refuse(id, form, page, button) {
  const reason = document.createElement('p');
  Object.assign(reason, { id: `refused-${id}`, className: 'problem' });
  reason.setAttribute('role', 'alert');
  // The bill or the wall may be asked for anew while it is read.
  reason.dataset.keep = '';
  const words = reasonOn(page);
  reason.toggleAttribute('data-unreached', !words);
  reason.textContent = words ?? 'Followspot cannot be reached. Please try again in a moment.';
  form.after(reason);
  if (button) Object.assign(button, { disabled: false }).focus();
}

// The form's own page names the problem where it lies; any other is an error page.
function reasonOn(page) {
  const problem = page?.querySelector('main .problem');
  if (problem) return problem.textContent;
  const [heading, message] = ['main h1', 'main h1 + p'].map((each) => page?.querySelector(each)?.textContent);
  return message && `${heading}: ${message}`;
}
