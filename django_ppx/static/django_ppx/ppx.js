/*
 * django-ppx: what a page with offers gains from JavaScript; it works without. Impressions (half a card in view for
 * a second, once per offer and page), copy, share, hide, time left, offers that a cached page fetches afterwards.
 * Nothing is kept on the device.
 * After adding cards: document.dispatchEvent(new Event("ppx:refresh"))
 */
const SECOND = 1000;
const counted = new Set();
const watched = new Map();

function word(name) {
  const holder = document.querySelector("[data-ppx-words]");
  return (holder && holder.dataset[name]) || "";
}

function send(card, event, channel) {
  const { ppxToken: token, ppxEventUrl: url } = card.dataset;
  if (!token || !url) return;
  const body = new URLSearchParams({ token, event, channel: channel || "" });
  try {
    if (navigator.sendBeacon(url, body)) return;
  } catch (error) {
    // No beacon, or a blocked one.
  }
  fetch(url, { method: "POST", body, keepalive: true, mode: "no-cors" }).catch(() => {});
}

/* Impressions */

function unwatch(card) {
  if (!watched.has(card)) return;
  clearTimeout(watched.get(card).timer);
  watched.delete(card);
  observer.unobserve(card);
}

function restart(state, card) {
  clearTimeout(state.timer);
  if (!state.inView || document.visibilityState === "hidden") return;
  state.timer = setTimeout(() => {
    unwatch(card);
    if (counted.has(card.dataset.ppxToken)) return;
    counted.add(card.dataset.ppxToken);
    send(card, "impression");
  }, SECOND);
}

function onView(entries) {
  entries.forEach((entry) => {
    const state = watched.get(entry.target);
    // Half of the card, or of the screen.
    const isEnough = entry.intersectionRatio >= 0.5 || entry.intersectionRect.height >= innerHeight / 2;
    const inView = entry.isIntersecting && isEnough;
    if (!state || state.inView === inView) return;
    state.inView = inView;
    restart(state, entry.target);
  });
}

const observer = window.IntersectionObserver
  ? new IntersectionObserver(onView, { threshold: [0, 0.25, 0.5, 0.75, 1] })
  : null;
document.addEventListener("visibilitychange", () => watched.forEach(restart));

/* Screen readers hear what happened */

const region = document.createElement("div");
region.className = "ppx ppx-hidden";
region.setAttribute("role", "status");
document.body.appendChild(region);

function say(text) {
  region.textContent = "";
  setTimeout(() => (region.textContent = text), 50);
}

/* Copy */

function copyMarked(source) {
  getSelection().selectAllChildren(source);
  try {
    return document.execCommand("copy");
  } catch (error) {
    return false;
  }
}

function onCopied(button, card) {
  const label = button.querySelector("[data-ppx-label]");
  send(card, "copy");
  say(word("copied"));
  if (!label || button.dataset.ppxIsDone) return;
  const before = label.textContent;
  button.dataset.ppxIsDone = "1";
  label.textContent = word("copied") || before;
  setTimeout(() => {
    delete button.dataset.ppxIsDone;
    label.textContent = before;
  }, 2 * SECOND);
}

function copy(button, card) {
  const byHand = () => {
    const source = card.querySelector("[data-ppx-code]");
    if (source && copyMarked(source)) onCopied(button, card);
    else say(word("notCopied"));
  };
  if (!navigator.clipboard) return byHand();
  navigator.clipboard.writeText(button.dataset.ppxCopy).then(() => onCopied(button, card), byHand);
}

/* Share and hide */

function share(button, card) {
  const data = {};
  ["Title", "Text", "Url"].forEach((name) => {
    const value = button.dataset["ppxShare" + name];
    if (value) data[name.toLowerCase()] = value;
  });
  navigator.share(data).then(() => send(card, "share", "device"), () => {});
}

function hide(_form, card) {
  const cards = Array.from(document.querySelectorAll("[data-ppx-card]"));
  const next = cards[cards.indexOf(card) + 1] || cards[cards.indexOf(card) - 1];
  const list = card.closest("[data-ppx-offers]");
  send(card, "dismiss");
  unwatch(card);
  card.remove();
  if (list) list.hidden = !list.querySelector("[data-ppx-card]");
  say(word("hidden"));
  const target = next ? next.querySelector(".ppx-card__title") : document.querySelector("h1") || list;
  if (!target) return;
  target.tabIndex = -1;
  target.focus({ preventScroll: true });
}

/* The time left, from the expiry that the server stored */

function timeLeft(element) {
  const hours = (new Date(element.dateTime) - Date.now()) / 3600 / SECOND;
  element.removeAttribute("data-ppx-countdown");
  if (!(hours > 0) || !Intl.RelativeTimeFormat) return;
  const holder = element.closest("[lang]");
  const format = new Intl.RelativeTimeFormat((holder && holder.lang) || undefined);
  const text = hours < 1 ? format.format(Math.ceil(hours * 60), "minute")
    : hours < 48 ? format.format(Math.floor(hours), "hour")
    : format.format(Math.floor(hours / 24), "day");
  element.insertAdjacentText("afterend", " (" + text + ")");
}

/* Offers of a page that was made without them. Where anything goes wrong, the link in their place stays. */

function take(place, offers) {
  if (offers) place.before(offers);
  place.className = "ppx";
  // Whoever is on the link with the keyboard is left there.
  if (place.contains(document.activeElement)) place.addEventListener("focusout", () => place.remove());
  else place.remove();
  refresh();
}

function fill(place) {
  // A page that is made ready ahead of time has no visitor yet.
  if (document.prerendering) return;
  const request = new XMLHttpRequest();
  place.removeAttribute("data-ppx-defer");
  request.open("GET", place.dataset.ppxUrl);
  request.responseType = "document";
  request.onload = () => {
    const offers = request.response && request.response.querySelector("[data-ppx-offers]");
    if (offers || request.status === 204) take(place, offers);
  };
  request.send();
}

/* Start, and again for later cards */

function on(name, selector, action) {
  document.addEventListener(name, (event) => {
    const element = event.target.closest && event.target.closest(selector);
    const card = element && element.closest("[data-ppx-card]");
    if (!card) return;
    event.preventDefault();
    action(element, card);
  });
}

export function refresh() {
  const each = (selector, action) => document.querySelectorAll(selector).forEach(action);
  each("[data-ppx-defer]", fill);
  each("[data-ppx-copy]", (button) => (button.hidden = false));
  each("[data-ppx-share]", (button) => (button.hidden = !navigator.share));
  each("time[data-ppx-countdown]", timeLeft);
  each("[data-ppx-card]", (card) => {
    if (!observer || watched.has(card) || counted.has(card.dataset.ppxToken)) return;
    watched.set(card, { inView: false, timer: 0 });
    observer.observe(card);
  });
}

on("click", "[data-ppx-copy]", copy);
on("click", "[data-ppx-share]", share);
on("submit", "[data-ppx-dismiss]", hide);
document.addEventListener("ppx:refresh", refresh);
document.addEventListener("prerenderingchange", refresh);
refresh();
