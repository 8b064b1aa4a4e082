// Suggestions under a field with data-suggestions="<address>": the server sends the options, the field stays a plain field without us.

const DEBOUNCE_MS = 200;

for (const input of document.querySelectorAll('input[data-suggestions]')) attach(input);

function attach(input) {
  const list = Object.assign(document.createElement('ul'), {
    id: `${input.id}-list`,
    className: 'suggestions',
  });
  list.hidden = true;
  list.setAttribute('role', 'listbox');
  list.setAttribute('aria-label', 'Suggestions');
  const news = Object.assign(document.createElement('p'), { className: 'visually-hidden' });
  news.setAttribute('role', 'status');
  input.after(list);
  input.form.append(news);
  for (const [name, value] of [
    ['role', 'combobox'],
    ['aria-autocomplete', 'list'],
    ['aria-expanded', 'false'],
    ['aria-controls', list.id],
  ]) {
    input.setAttribute(name, value);
  }

  let timer;
  let request = new AbortController();

  input.addEventListener('input', () => {
    clearTimeout(timer);
    request.abort();
    const query = input.value.trim();
    if (query.length < 2 || query.includes('/')) return close();
    timer = setTimeout(() => void ask(query), DEBOUNCE_MS);
  });

  input.addEventListener('keydown', (event) => {
    if (list.hidden) return;
    if (event.key === 'Escape') close();
    else if (event.key === 'ArrowDown') move(1);
    else if (event.key === 'ArrowUp') move(-1);
    else if (event.key === 'Enter' && selected()) choose(selected());
    else return;
    event.preventDefault();
  });

  input.addEventListener('blur', close);
  // The press must not take the focus away before the click arrives.
  list.addEventListener('mousedown', (event) => event.preventDefault());
  list.addEventListener('click', (event) => {
    const option = event.target.closest('[role="option"]');
    if (option) choose(option);
  });

  async function ask(query) {
    request = new AbortController();
    const { signal } = request;
    try {
      const response = await fetch(`${input.dataset.suggestions}?q=${encodeURIComponent(query)}`, { signal });
      if (!response.ok || response.redirected) return close();
      const html = await response.text();
      if (signal.aborted || document.activeElement !== input) return;
      show(new DOMParser().parseFromString(html, 'text/html').querySelectorAll('[role="option"]'));
    } catch {
      if (!signal.aborted) close();
    }
  }

  function show(options) {
    list.replaceChildren(...options);
    list.hidden = options.length === 0;
    input.setAttribute('aria-expanded', String(!list.hidden));
    input.removeAttribute('aria-activedescendant');
    const note = [...options].find((option) => !option.dataset.value);
    const amount = options.length === 1 ? '1 suggestion' : `${options.length || 'No'} suggestions`;
    news.textContent = note?.textContent ?? amount;
  }

  function selected() {
    return list.querySelector('[aria-selected="true"]');
  }

  function move(step) {
    const options = [...list.children];
    const from = options.indexOf(selected());
    const to =
      from === -1 && step === -1 ? options.length - 1 : (from + step + options.length) % options.length;
    for (const [index, option] of options.entries())
      option.setAttribute('aria-selected', String(index === to));
    input.setAttribute('aria-activedescendant', options[to].id);
    options[to].scrollIntoView({ block: 'nearest' });
  }

  function choose(option) {
    // A line that only says why there are none.
    if (!option.dataset.value) return;
    input.value = option.dataset.value;
    close();
    input.form.requestSubmit();
  }

  function close() {
    clearTimeout(timer);
    request.abort();
    list.hidden = true;
    list.replaceChildren();
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  }
}
