/*
 * django-ppx: <ppx-offers order-token="…"> for pages that are not made by the shop's Django.
 * What stands inside it stays until the offers arrive, and where they can't. Attributes: order-token, placement,
 * language, heading, api (without it, data-ppx-api of this script's tag). Events: ppx-offers:shown, :empty, :failed.
 */
const NAME = "ppx-offers";
const PATIENCE = 3000;
const ADDRESSES = ["href", "src", "action", "data-ppx-event-url"];
const sprites = new Map();
const policy = window.trustedTypes && trustedTypes.createPolicy(NAME, { createHTML: (html) => html });

function defaultApi() {
  const tag = Array.from(document.scripts).find((script) => script.src === import.meta.url);
  return (tag && tag.dataset.ppxApi) || "";
}

function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = policy ? policy.createHTML(html) : html;
  return template.content;
}

/* Addresses are of the shop that answers, not of the page that asks */

function settle(content, base) {
  ADDRESSES.forEach((name) => {
    content.querySelectorAll("[" + name + "]").forEach((element) => {
      const value = element.getAttribute(name);
      if (value && !value.startsWith("#")) element.setAttribute(name, new URL(value, base).href);
    });
  });
}

/* Browsers draw no <use> from another origin: the symbols come into the page, once */

function loadSprite(url) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", url);
    request.responseType = "document";
    request.onload = () => (request.status === 200 && request.responseXML ? resolve(request.responseXML) : reject());
    request.onerror = reject;
    request.send();
  }).then((sprite) => {
    const holder = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    holder.setAttribute("aria-hidden", "true");
    holder.style.display = "none";
    sprite.querySelectorAll("symbol").forEach((symbol) => holder.append(document.importNode(symbol, true)));
    document.body.append(holder);
  });
}

function bringIcons(content, url) {
  const uses = Array.from(content.querySelectorAll("use[href*='#']"));
  if (!url || !uses.length || new URL(url).origin === location.origin) return;
  uses.forEach((use) => use.setAttribute("href", use.getAttribute("href").replace(/^[^#]*/, "")));
  if (!sprites.has(url)) sprites.set(url, loadSprite(url).catch(() => sprites.delete(url)));
}

function link(url) {
  const known = Array.from(document.querySelectorAll("link[rel=stylesheet]")).find((each) => each.href === url);
  if (known) return known.sheet || known.dataset.ppxFailed ? null : loaded(known);
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.href = url;
  document.head.append(sheet);
  return loaded(sheet);
}

function loaded(sheet) {
  return new Promise((resolve) => {
    sheet.addEventListener("load", resolve);
    sheet.addEventListener("error", () => {
      sheet.dataset.ppxFailed = "1";
      resolve();
    });
    setTimeout(resolve, PATIENCE);
  });
}

/* Without the script the offers have no copy button, and that is all */
function enliven(url) {
  return import(url).catch((error) => console.warn(NAME + ": " + error.message));
}

class PpxOffers extends HTMLElement {
  static get observedAttributes() {
    return ["order-token", "api", "placement", "language", "heading"];
  }

  connectedCallback() {
    this.ask();
  }

  disconnectedCallback() {
    if (this.asking) this.asking.abort();
  }

  attributeChangedCallback(_name, before, after) {
    if (this.isConnected && before !== after) this.ask();
  }

  /* Several attributes that change at once are one question */
  ask() {
    if (this.asking) this.asking.abort();
    const asking = new AbortController();
    this.asking = asking;
    Promise.resolve()
      .then(() => (asking.signal.aborted ? null : this.load(asking.signal)))
      .catch((error) => {
        if (!asking.signal.aborted) this.fail(error);
      });
  }

  async load(signal) {
    const api = this.getAttribute("api") || defaultApi();
    const token = this.getAttribute("order-token");
    if (!api || !token) throw new Error("order-token and api are needed");
    const base = new URL(api.replace(/\/?$/, "/"), document.baseURI);
    const response = await fetch(new URL("fragments/", base), {
      method: "POST",
      credentials: "omit",
      headers: { "Content-Type": "application/json", "PPX-Order-Token": token },
      body: JSON.stringify(this.question()),
      signal,
    });
    if (!response.ok) throw new Error("the shop answered " + response.status);
    await this.show(await response.json(), base, signal);
  }

  question() {
    const holder = this.closest("[lang]");
    const asked = {
      placement: this.getAttribute("placement"),
      language: this.getAttribute("language") || (holder && holder.lang),
      heading: this.getAttribute("heading"),
    };
    return Object.fromEntries(Object.entries(asked).filter(([_name, value]) => value));
  }

  async show(answer, base, signal) {
    const content = parse(answer.html);
    const count = content.querySelectorAll("[data-ppx-card]").length;
    const address = (url) => new URL(url, base).href;
    settle(content, base);
    bringIcons(content, answer.icons && address(answer.icons));
    const script = count && answer.script ? enliven(address(answer.script)) : null;
    if (count) await Promise.all(answer.stylesheets.map((url) => link(address(url))));
    const enlivened = await script;
    if (signal.aborted) return;
    this.keepFallback();
    this.replaceChildren(content);
    if (enlivened) enlivened.refresh();
    this.tell(count ? "shown" : "empty", { count });
  }

  keepFallback() {
    if (this.fallback) return;
    this.fallback = document.createDocumentFragment();
    this.fallback.append(...this.childNodes);
  }

  fail(error) {
    if (this.fallback) this.replaceChildren(this.fallback);
    this.fallback = null;
    this.tell("failed", { message: error.message });
  }

  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(NAME + ":" + name, { bubbles: true, composed: true, detail }));
  }
}

if (!customElements.get(NAME)) customElements.define(NAME, PpxOffers);
