/*
 * django-ppx: what a page with offers gains from JavaScript. Everything works without it.
 *
 * Impressions (half a card in view for a second, once per offer and page), copy buttons, hiding,
 * the device's share sheet, and the time left beside a stored expiry. Nothing is kept on the device.
 * Cards added later: document.dispatchEvent(new Event("ppx:refresh")).
 */
const SECOND = 1000;
const counted = new Set();
const watched = new Map();

function send(card, event, channel) {
  const token = card.getAttribute("data-ppx-token");
  const url = card.getAttribute("data-ppx-event-url");
  if (!token || !url) return;
  const body = new URLSearchParams({ token: token, event: event, channel: channel || "" });
  try {
    if (navigator.sendBeacon && navigator.sendBeacon(url, body)) return;
  } catch (error) {
    // A blocked beacon: try the request below.
  }
  post(url, body);
}

function post(url, body) {
  if (!window.fetch) return;
  const options = { method: "POST", body: body, keepalive: true, credentials: "same-origin", redirect: "manual" };
  fetch(url, options).catch(function () {});
}

/* Impressions */

function isEnough(entry) {
  const screen = entry.rootBounds ? entry.rootBounds.height : window.innerHeight;
  return entry.intersectionRatio >= 0.5 || entry.intersectionRect.height >= screen / 2;
}

function restart(card, state) {
  clearTimeout(state.timer);
  if (!state.inView || document.visibilityState === "hidden") return;
  state.timer = setTimeout(function () {
    const token = card.getAttribute("data-ppx-token");
    observer.unobserve(card);
    watched.delete(card);
    if (counted.has(token)) return;
    counted.add(token);
    send(card, "impression");
  }, SECOND);
}

function onView(entries) {
  entries.forEach(function (entry) {
    const state = watched.get(entry.target);
    const inView = entry.isIntersecting && isEnough(entry);
    if (!state || state.inView === inView) return;
    state.inView = inView;
    restart(entry.target, state);
  });
}

const observer =
  "IntersectionObserver" in window
    ? new IntersectionObserver(onView, { threshold: [0, 0.25, 0.5, 0.75, 1] })
    : null;

document.addEventListener("visibilitychange", function () {
  watched.forEach(function (state, card) {
    restart(card, state);
  });
});

/* Words for screen readers: one polite region, made when the script starts */

const region = document.createElement("div");
region.className = "ppx ppx-hidden";
region.setAttribute("role", "status");
document.body.appendChild(region);

function say(text, card) {
  region.lang = card.lang;
  region.textContent = "";
  setTimeout(function () {
    region.textContent = text || "";
  }, 50);
}

/* Copy */

function mark(element) {
  const range = document.createRange();
  range.selectNodeContents(element);
  const selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
}

function copyMarked(element) {
  mark(element);
  try {
    return document.execCommand("copy");
  } catch (error) {
    return false;
  }
}

function setIcon(button, name) {
  const use = button.querySelector("use");
  if (use) use.setAttribute("href", use.getAttribute("href").replace(/#.*/, "#ppx-icon-" + name));
}

function onCopied(button, card) {
  const label = button.querySelector("[data-ppx-label]");
  const text = button.getAttribute("data-ppx-done");
  send(card, "copy");
  say(text, card);
  if (!label || button.hasAttribute("data-ppx-is-done")) return;
  const before = label.textContent;
  button.setAttribute("data-ppx-is-done", "");
  label.textContent = text;
  setIcon(button, "check");
  setTimeout(function () {
    button.removeAttribute("data-ppx-is-done");
    label.textContent = before;
    setIcon(button, "copy");
  }, 2 * SECOND);
}

function copy(button, card) {
  const source = card.querySelector("[data-ppx-code]");
  function byHand() {
    if (source && copyMarked(source)) onCopied(button, card);
    else say(button.getAttribute("data-ppx-failed"), card);
  }
  if (!navigator.clipboard || !navigator.clipboard.writeText) return byHand();
  navigator.clipboard.writeText(button.getAttribute("data-ppx-copy")).then(function () {
    onCopied(button, card);
  }, byHand);
}

/* Share and hide */

function share(button, card) {
  const data = {};
  ["title", "text", "url"].forEach(function (name) {
    const value = button.getAttribute("data-ppx-share-" + name);
    if (value) data[name] = value;
  });
  navigator.share(data).then(
    function () {
      send(card, "share");
    },
    function () {} // closed without sharing
  );
}

function focusAfter(card) {
  const list = card.closest("[data-ppx-offers]");
  const all = Array.from(document.querySelectorAll("[data-ppx-card]"));
  const next = all[all.indexOf(card) + 1] || all[all.indexOf(card) - 1];
  card.remove();
  const left = list && list.querySelector("[data-ppx-card]");
  if (list && !left) list.hidden = true;
  const target = next ? next.querySelector(".ppx-card__title") : document.querySelector("h1, main");
  if (!target) return;
  target.setAttribute("tabindex", "-1");
  target.focus({ preventScroll: true });
}

function hide(form, card) {
  post(form.action, new URLSearchParams(new FormData(form)));
  say(form.getAttribute("data-ppx-done"), card);
  if (observer) observer.unobserve(card);
  clearTimeout((watched.get(card) || {}).timer);
  watched.delete(card);
  focusAfter(card);
}

/* Time left, from the expiry that the server stored */

function timeLeft(element) {
  const seconds = (new Date(element.getAttribute("datetime")) - Date.now()) / SECOND;
  if (!(seconds > 0) || !window.Intl || !Intl.RelativeTimeFormat) return;
  const hours = Math.floor(seconds / 3600);
  const card = element.closest("[lang]");
  const format = new Intl.RelativeTimeFormat(card ? card.lang : undefined);
  const text = hours < 1 ? format.format(Math.ceil(seconds / 60), "minute")
    : hours < 48 ? format.format(hours, "hour")
    : format.format(Math.floor(hours / 24), "day");
  element.removeAttribute("data-ppx-countdown");
  element.insertAdjacentText("afterend", " (" + text + ")");
}

/* Start, and again for cards that were added later */

function on(name, selector, action) {
  document.addEventListener(name, function (event) {
    const element = event.target.closest && event.target.closest(selector);
    const card = element && element.closest("[data-ppx-card]");
    if (!card) return;
    event.preventDefault();
    action(element, card);
  });
}

export function refresh() {
  document.querySelectorAll("[data-ppx-copy][hidden]").forEach(function (button) {
    button.hidden = false;
  });
  document.querySelectorAll("[data-ppx-share][hidden]").forEach(function (button) {
    button.hidden = !navigator.share;
  });
  document.querySelectorAll("time[data-ppx-countdown]").forEach(timeLeft);
  document.querySelectorAll("[data-ppx-card][data-ppx-token]").forEach(function (card) {
    if (!observer || watched.has(card) || counted.has(card.getAttribute("data-ppx-token"))) return;
    watched.set(card, { inView: false, timer: 0 });
    observer.observe(card);
  });
}

on("click", "[data-ppx-copy]", copy);
on("click", "[data-ppx-share]", share);
on("submit", "[data-ppx-dismiss]", hide);
document.addEventListener("ppx:refresh", refresh);
refresh();
