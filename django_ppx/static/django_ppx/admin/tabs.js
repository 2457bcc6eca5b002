/* Languages of a variant as tabs. Without this script they stand one below the other. */

const PANELS = "[data-ppx-tabs]";
let made = 0;

function isEmpty(panel) {
  return ![...panel.querySelectorAll("input[type=text], textarea")].some((field) => field.value.trim());
}

function makeTabs(box) {
  const panels = [...box.querySelectorAll(":scope > [data-ppx-tab]")];
  if (panels.length < 2 || box.classList.contains("ppx-languages--tabs")) return;
  const list = document.createElement("div");
  list.className = "ppx-tabs";
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", box.dataset.ppxTabsLabel);
  const tabs = panels.map((panel) => {
    const tab = document.createElement("button");
    made += 1;
    tab.type = "button";
    tab.id = `ppx-tab-${made}`;
    tab.className = "ppx-tabs__tab";
    tab.textContent = panel.dataset.ppxTab;
    tab.setAttribute("role", "tab");
    panel.id ||= `ppx-tab-panel-${made}`;
    tab.setAttribute("aria-controls", panel.id);
    tab.classList.toggle("ppx-tabs__tab--errors", panel.classList.contains("ppx-language--errors"));
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
    list.append(tab);
    return tab;
  });
  const mark = () => tabs.forEach((tab, at) => tab.classList.toggle("ppx-tabs__tab--empty", isEmpty(panels[at])));
  const show = (chosen, focus) => {
    tabs.forEach((tab, at) => {
      tab.setAttribute("aria-selected", String(at === chosen));
      tab.tabIndex = at === chosen ? 0 : -1;
      panels[at].hidden = at !== chosen;
    });
    if (focus) tabs[chosen].focus();
  };
  list.addEventListener("click", (event) => {
    const at = tabs.indexOf(event.target);
    if (at >= 0) show(at, false);
  });
  list.addEventListener("keydown", (event) => {
    const at = tabs.indexOf(event.target);
    const forward = getComputedStyle(list).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    const steps = { [forward]: 1, [forward === "ArrowRight" ? "ArrowLeft" : "ArrowRight"]: -1 };
    if (event.key in steps) show((at + steps[event.key] + tabs.length) % tabs.length, true);
    else if (event.key === "Home") show(0, true);
    else if (event.key === "End") show(tabs.length - 1, true);
    else return;
    event.preventDefault();
  });
  box.addEventListener("input", mark);
  box.classList.add("ppx-languages--tabs");
  box.prepend(list);
  mark();
  const faulty = panels.findIndex((panel) => panel.classList.contains("ppx-language--errors"));
  show(Math.max(faulty, 0), false);
}

function start(root) {
  root.querySelectorAll(PANELS).forEach((box) => {
    // The row that new variants are copied from stays as it came.
    if (!box.closest(".empty-form")) makeTabs(box);
  });
}

start(document);
document.addEventListener("formset:added", (event) => start(event.target));
