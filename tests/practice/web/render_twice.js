// The page fetches itself again and replaces its content, as an app does that renders on the server and then once more in the browser.
addEventListener('load', async () => {
  const answer = await fetch(location.href);
  const again = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('main');
  document.querySelector('main').replaceWith(document.adoptNode(again));
  document.documentElement.dataset.rendered = 'twice';
  document.dispatchEvent(new Event('practice:rendered'));
});
