// What the practice pages do by script. Everything is delegated to the document, so that replaced content keeps working.

document.addEventListener('click', (event) => {
  const reveal = event.target.closest('[data-reveals]');
  if (reveal) {
    const box = document.getElementById(reveal.dataset.reveals);
    box.hidden = !box.hidden;
    reveal.setAttribute('aria-expanded', String(!box.hidden));
  }
  const copy = event.target.closest('[data-copies]');
  if (copy) copyFrom(copy);
});

async function copyFrom(button) {
  const answer = await fetch(button.dataset.copies);
  if (!answer.ok) return;
  await navigator.clipboard.writeText(await answer.text());
  document.querySelector('[data-copied]').hidden = false;
}

document.addEventListener('input', (event) => {
  const field = event.target;
  if (field.dataset.submitsAt && field.value.trim().length === Number(field.dataset.submitsAt)) {
    field.form.requestSubmit();
  }
  const boxes = field.closest('[data-boxes]');
  if (boxes && field.value) moveOn(boxes, field);
});

document.addEventListener('paste', (event) => {
  const boxes = event.target.closest('[data-boxes]');
  if (!boxes) return;
  event.preventDefault();
  fillBoxes(boxes, event.clipboardData.getData('text'));
});

document.addEventListener('keydown', (event) => {
  const boxes = event.target.closest('[data-boxes]');
  if (!boxes || event.key !== 'Backspace' || event.target.value) return;
  const all = digitsOf(boxes);
  all[Math.max(0, all.indexOf(event.target) - 1)].focus();
});

const digitsOf = (boxes) => [...boxes.querySelectorAll('input:not([type=hidden])')];

function moveOn(boxes, field) {
  if (field.value.length > 1) {
    fillBoxes(boxes, field.value);
    return;
  }
  const all = digitsOf(boxes);
  all[all.indexOf(field) + 1]?.focus();
  collect(boxes);
}

function fillBoxes(boxes, text) {
  digitsOf(boxes).forEach((box, i) => { box.value = text[i] ?? ''; });
  collect(boxes);
}

function collect(boxes) {
  boxes.querySelector('input[type=hidden]').value = digitsOf(boxes).map((box) => box.value).join('');
}

// Draws what the server left as data: the QR on a canvas, and the secret inside a closed shadow root.
function draw() {
  for (const canvas of document.querySelectorAll('canvas[data-rows]')) {
    const rows = canvas.dataset.rows.split(',');
    const scale = 6, quiet = 4;
    canvas.width = canvas.height = (rows.length + 2 * quiet) * scale;
    const brush = canvas.getContext('2d');
    brush.fillStyle = '#fff';
    brush.fillRect(0, 0, canvas.width, canvas.height);
    brush.fillStyle = '#000';
    rows.forEach((row, y) => [...row].forEach((dark, x) => {
      if (dark === '1') brush.fillRect((x + quiet) * scale, (y + quiet) * scale, scale, scale);
    }));
    canvas.removeAttribute('data-rows');
  }
  for (const host of document.querySelectorAll('[data-closed]')) {
    const inside = host.querySelector('template');
    const root = host.attachShadow({mode: 'closed'});
    root.append(inside.content.cloneNode(true));
    // Events of a closed root look to the document as if the host had sent them: the button needs a listener in there.
    root.addEventListener('click', (event) => {
      const reveal = event.target.closest('[data-reveals]');
      if (reveal) root.getElementById(reveal.dataset.reveals).hidden = false;
    });
    inside.remove();
    host.removeAttribute('data-closed');
  }
}

document.addEventListener('DOMContentLoaded', draw);
document.addEventListener('practice:rendered', draw);
