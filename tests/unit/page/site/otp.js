// Code widgets of the kinds apps use. Each tells `done` the code it holds, once it has all of it.
const boxesHtml = (attributes) => Array.from({ length: 6 }, () => `<input class="box" ${attributes}>`).join('');
const boxesIn = (root) => [...root.querySelectorAll('input.box')];
const joined = (root) => boxesIn(root).map((box) => box.value).join('');

const widgets = {
  // One field with a length.
  single(root, done) {
    root.innerHTML = '<label>Authentication code <input maxlength="6" inputmode="numeric"></label>';
    root.querySelector('input').addEventListener('input', (event) => { if (event.target.value.length === 6) done(event.target.value); });
  },
  // Boxes that move on in the input event.
  advance(root, done) {
    root.innerHTML = boxesHtml('maxlength="1" inputmode="numeric"');
    boxesIn(root).forEach((box, i, all) => box.addEventListener('input', () => {
      all[i + 1]?.focus();
      if (joined(root).length === 6) done(joined(root));
    }));
  },
  // Boxes that take the key themselves and let no input event happen.
  keys(root, done) {
    root.innerHTML = boxesHtml('maxlength="1" inputmode="numeric"');
    boxesIn(root).forEach((box, i, all) => box.addEventListener('keydown', (event) => {
      if (!/^\d$/.test(event.key)) return;
      event.preventDefault();
      box.value = event.key;
      (all[i + 1] ?? box).focus();
      if (joined(root).length === 6) done(joined(root));
    }));
  },
  // Boxes that look at keyup only.
  keyup(root, done) {
    root.innerHTML = boxesHtml('maxlength="1" type="tel"');
    boxesIn(root).forEach((box, i, all) => box.addEventListener('keyup', () => {
      if (box.value) all[i + 1]?.focus();
      if (joined(root).length === 6) done(joined(root));
    }));
  },
  // Boxes of one state that is rendered anew, as React does: a handler sees the state of the last rendering.
  rendered(root, done) {
    root.innerHTML = boxesHtml('maxlength="1" inputmode="numeric"');
    let state = ['', '', '', '', '', ''];
    const render = () => boxesIn(root).forEach((box, i) => { box.value = state[i]; });
    const handle = (seen, i) => (event) => {
      const next = [...seen];
      next[i] = event.target.value;
      queueMicrotask(() => { state = next; attach(); render(); if (state.join('').length === 6) done(state.join('')); });
    };
    const attach = () => boxesIn(root).forEach((box, i) => { box.oninput = handle(state, i); });
    attach();
  },
  // Boxes that are enabled one after the other.
  gated(root, done) {
    root.innerHTML = boxesHtml('maxlength="1" inputmode="numeric" disabled');
    const all = boxesIn(root);
    all[0].disabled = false;
    all.forEach((box, i) => box.addEventListener('input', () => {
      if (all[i + 1]) { all[i + 1].disabled = false; all[i + 1].focus(); }
      if (joined(root).length === 6) done(joined(root));
    }));
  },
  // Boxes of which only a pasted code fills more than one: the rest is emptied by each input.
  paste(root, done) {
    root.innerHTML = boxesHtml('maxlength="1" inputmode="numeric"');
    const all = boxesIn(root);
    all.forEach((box, i) => box.addEventListener('input', () => { all.forEach((other, j) => { if (j !== i) other.value = ''; }); }));
    all[0].addEventListener('paste', (event) => {
      event.preventDefault();
      [...event.clipboardData.getData('text/plain')].forEach((digit, i) => { all[i].value = digit; });
      done(joined(root));
    });
  },
  // One transparent field over drawn boxes.
  drawn(root, done) {
    root.innerHTML = '<div style="position:relative;width:240px;height:40px"><div id="slots">______</div>' +
      '<input autocomplete="one-time-code" style="position:absolute;inset:0;opacity:0;width:100%;height:100%"></div>';
    root.querySelector('input').addEventListener('input', (event) => {
      root.querySelector('#slots').textContent = event.target.value.padEnd(6, '_');
      if (event.target.value.length === 6) done(event.target.value);
    });
  },
  // A field that writes a space in the middle.
  spaced(root, done) {
    root.innerHTML = '<label>Security code <input></label>';
    root.querySelector('input').addEventListener('input', ({ target }) => {
      const digits = target.value.replace(/\D/g, '');
      target.value = digits.length > 3 ? `${digits.slice(0, 3)} ${digits.slice(3)}` : digits;
      if (digits.length === 6) done(digits);
    });
  },
  // Number fields without a length, in an open shadow root.
  component(root, done) {
    const shadow = root.attachShadow({ mode: 'open' });
    shadow.innerHTML = `<style>input { width: 30px; height: 30px }</style>${boxesHtml('type="number"')}`;
    boxesIn(shadow).forEach((box, i, all) => box.addEventListener('input', () => {
      all[i + 1]?.focus();
      if (joined(shadow).length === 6) done(joined(shadow));
    }));
  },
};
