// Signing in without leaving the page: the password form slides out, the code form slides in.

async function send(path, fields) {
  const token = document.querySelector('.stage').dataset.token;
  const answer = await fetch(path, {method: 'POST', body: new URLSearchParams({...fields, _token: token})});
  return answer.json();
}

function complain(form, text) {
  const alert = form.querySelector('[role=alert]');
  alert.textContent = text;
  alert.hidden = false;
}

async function slideIn(old) {
  const stage = document.querySelector('.stage');
  const next = stage.querySelector('template').content.firstElementChild.cloneNode(true);
  await old.animate([{transform: 'none'}, {transform: 'translateX(-110%)'}], 200).finished;
  old.replaceWith(next);
  await next.animate([{transform: 'translateX(110%)'}, {transform: 'none'}], 300).finished;
  next.querySelector('input').focus();
}

document.addEventListener('submit', async (event) => {
  const form = event.target.closest('[data-step]');
  if (!form) return;
  event.preventDefault();
  const value = (id) => form.querySelector('#' + id).value;
  const answer = form.dataset.step === 'password'
    ? await send('/api/login', {username: value('username'), password: value('password')})
    : await send('/api/login/code', {code: value('code')});
  if (answer.next === 'home') location.assign('/');
  else if (answer.next === 'code') await slideIn(form);
  else complain(form, answer.message);
});
