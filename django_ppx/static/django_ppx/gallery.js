/*
 * django-ppx: the lightbox of the gallery. Without this script each tile leads to a page of its own.
 * Arrow keys, swipe (scroll-snap) and buttons go on, Escape closes, the focus goes back to the tile.
 */
function numbered(words, number, total) {
  return words.replace("{number}", number).replace("{total}", total);
}

class Lightbox {
  constructor(gallery, dialog) {
    this.links = Array.from(gallery.querySelectorAll("[data-ppx-open]"));
    this.dialog = dialog;
    this.track = dialog.querySelector("[data-ppx-track]");
    this.position = dialog.querySelector("[role=status]");
    this.steps = Array.from(dialog.querySelectorAll("[data-ppx-step]"));
    this.slides = [];
    this.index = -1;
    this.links.forEach((link, index) => link.addEventListener("click", (event) => this.onOpen(event, index)));
    dialog.querySelector("[data-ppx-close]").addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => this.onClose());
    dialog.addEventListener("keydown", (event) => this.onKey(event));
    this.steps.forEach((button) => button.addEventListener("click", () => this.go(Number(button.dataset.ppxStep))));
    this.track.addEventListener("scroll", () => this.onScroll(), { passive: true });
    addEventListener("resize", () => dialog.open && this.scroll());
  }

  fill() {
    this.slides = this.links.map((link) => {
      const slide = document.createElement("div");
      slide.className = "ppx-lightbox__slide";
      const template = link.parentElement.querySelector("template[data-ppx-slide]");
      slide.append(template.content.cloneNode(true));
      slide.querySelectorAll("img").forEach((image) => (image.loading = "lazy"));
      return slide;
    });
    this.track.replaceChildren(...this.slides);
  }

  onOpen(event, index) {
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!isPlain) return;
    event.preventDefault();
    if (!this.slides.length) this.fill();
    this.dialog.showModal();
    this.show(index);
    this.scroll();
  }

  onClose() {
    this.pause();
    const link = this.links[this.index];
    this.index = -1;
    if (link) link.focus();
  }

  onKey(event) {
    if (event.target instanceof HTMLVideoElement) return;
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const isRtl = getComputedStyle(this.dialog).direction === "rtl";
    event.preventDefault();
    this.go((event.key === "ArrowRight") === isRtl ? -1 : 1);
  }

  onScroll() {
    if (!this.dialog.open || !this.track.clientWidth) return;
    const index = Math.round(Math.abs(this.track.scrollLeft) / this.track.clientWidth);
    if (index !== this.index && this.slides[index]) this.show(index);
  }

  go(step) {
    if (!this.slides[this.index + step]) return;
    this.show(this.index + step);
    this.scroll();
  }

  scroll() {
    const isRtl = getComputedStyle(this.dialog).direction === "rtl";
    this.track.scrollLeft = this.index * this.track.clientWidth * (isRtl ? -1 : 1);
  }

  show(index) {
    this.pause();
    this.index = index;
    this.slides.forEach((slide, at) => (slide.inert = at !== index));
    this.position.textContent = numbered(this.dialog.dataset.ppxPosition, index + 1, this.slides.length);
    this.steps.forEach((button) => {
      const isEnd = !this.slides[index + Number(button.dataset.ppxStep)];
      // Not `disabled`: the button under the finger would lose the focus.
      button.setAttribute("aria-disabled", String(isEnd));
    });
  }

  pause() {
    this.track.querySelectorAll("video").forEach((video) => video.pause());
  }
}

document.querySelectorAll("[data-ppx-gallery]").forEach((gallery) => {
  const dialog = gallery.querySelector("[data-ppx-lightbox]");
  if (dialog && dialog.showModal) new Lightbox(gallery, dialog);
});
