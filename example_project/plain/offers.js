/* The offers of an order, drawn from the API's JSON: no markup, style or script of the shop's. */
import { askForToken, orderToken, say } from "./token.js";

const API = document.querySelector("meta[name=shop]").content + "/ppx/api/v1/";
const language = document.documentElement.lang;
const list = document.querySelector("[data-list]");
const section = document.querySelector("[data-offers]");
const template = document.querySelector("#offer");
const token = orderToken();

async function post(path, body) {
  const response = await fetch(API + path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "PPX-Order-Token": token },
    body: JSON.stringify(body),
    keepalive: true,
  });
  if (!response.ok) throw new Error(String(response.status));
  return response.status === 204 ? null : response.json();
}

/* What the customer does. A second report of the same fact changes nothing, so a reload may send it again. */
function report(offer, name) {
  const events = [{ id: offer.offer + "." + name, card: offer.card, name }];
  post("events/", { events }).catch(() => {});
}

/* Half of it in view for a second, once. */
function countImpression(item, offer) {
  let timer = 0;
  const observer = new IntersectionObserver(
    ([entry]) => {
      clearTimeout(timer);
      if (!entry.isIntersecting) return;
      timer = setTimeout(() => {
        observer.disconnect();
        report(offer, "impression");
      }, 1000);
    },
    { threshold: 0.5 },
  );
  observer.observe(item);
}

async function copy(button, offer) {
  await navigator.clipboard.writeText(offer.code.value);
  report(offer, "copy");
  button.textContent = "Copied";
  say("Copied");
  setTimeout(() => (button.textContent = "Copy code"), 2000);
}

async function hide(item, offer) {
  await post("cards/" + offer.card + "/dismiss/", {});
  const next = item.nextElementSibling || item.previousElementSibling;
  item.remove();
  section.hidden = !list.children.length;
  say("Hidden. You will not see this offer again.");
  if (next) next.querySelector("[data-title]").focus();
}

/* The time that is left, counted from the expiry that the shop stored. */
function timeLeft(code) {
  const minutes = Math.floor((new Date(code.expires_at) - Date.now()) / 60_000);
  if (minutes < 0) return "No longer valid";
  const format = new Intl.RelativeTimeFormat(language, { numeric: "always" });
  const [count, unit] =
    minutes < 60 ? [minutes, "minute"] : minutes < 2880 ? [Math.floor(minutes / 60), "hour"] : [Math.floor(minutes / 1440), "day"];
  return "Valid until the end of " + code.last_day + " (" + format.format(count, unit) + ")";
}

function fill(item, name, text) {
  const element = item.querySelector("[data-" + name + "]");
  element.textContent = text || "";
  element.hidden = !text;
  return element;
}

function fillList(item, name, entries) {
  const element = item.querySelector("[data-" + name + "]");
  element.hidden = !entries.length;
  entries.forEach((entry) => {
    const row = document.createElement("li");
    row.append(entry);
    element.append(row);
  });
}

function anchor(link) {
  return Object.assign(document.createElement("a"), { href: link.url, textContent: link.label, rel: "noreferrer" });
}

function drawCode(item, offer) {
  const { code } = offer;
  const copyButton = item.querySelector("[data-copy]");
  const time = item.querySelector("[data-time]");
  fill(item, "worth", code.summary);
  fill(item, "value", code.text);
  item.querySelector("[data-code]").hidden = false;
  fillList(item, "terms", code.conditions);
  copyButton.addEventListener("click", () => copy(copyButton, offer).catch(() => say("Please copy the code by hand.")));
  if (!code.expires_at) return;
  time.hidden = false;
  time.textContent = timeLeft(code);
  setInterval(() => (time.textContent = timeLeft(code)), 60_000);
}

function draw(offer) {
  const item = template.content.cloneNode(true).querySelector("li");
  const button = item.querySelector("[data-hide]");
  const image = item.querySelector("[data-image]");
  item.lang = offer.language;
  item.dir = offer.direction;
  fill(item, "title", offer.headline);
  const reward = offer.details.reward && "Your reward: " + offer.details.reward;
  fill(item, "text", [offer.text, reward].filter(Boolean).join("\n"));
  fill(item, "share", offer.details.share_text);
  fillList(item, "links", offer.links.map(anchor));
  if (offer.code) drawCode(item, offer);
  if (offer.image) Object.assign(image, { src: offer.image.url, alt: offer.image.alt, hidden: false });
  button.hidden = !offer.is_dismissible;
  button.setAttribute("aria-label", "Hide this offer: " + offer.headline);
  button.addEventListener("click", () => hide(item, offer).catch(() => say("That did not work. Please try again.")));
  list.append(item);
  countImpression(item, offer);
}

async function start() {
  if (!token) return askForToken();
  try {
    const { offers } = await post("decisions/", { placement: "thank_you", language });
    offers.forEach(draw);
    section.hidden = !offers.length;
    if (!offers.length) say("There is nothing for this order right now.");
  } catch (error) {
    askForToken("The shop shows nothing for this token.");
  }
}

start();
