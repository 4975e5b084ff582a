// nav[data-tabs] with links to #panels below it: tabs with arrow keys; without script they stay links to headings.
function begin(bar) {
  const tabs = [...bar.querySelectorAll('a[href^="#"]')];
  const panels = tabs.map((tab) => document.getElementById(tab.hash.slice(1)));
  bar.setAttribute("role", "tablist");
  tabs.forEach((tab, at) => {
    tab.setAttribute("role", "tab");
    tab.id ||= `${panels[at].id}-tab`;
    tab.setAttribute("aria-controls", panels[at].id);
    panels[at].setAttribute("role", "tabpanel");
    panels[at].setAttribute("aria-labelledby", tab.id);
    tab.addEventListener("click", (event) => {
      event.preventDefault();
      show(at);
    });
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1, Home: -at, End: tabs.length - 1 - at }[event.key];
      if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      const next = (at + step + tabs.length) % tabs.length;
      show(next);
      tabs[next].focus();
    });
  });

  function show(chosen) {
    tabs.forEach((tab, at) => {
      tab.setAttribute("aria-selected", String(at === chosen));
      tab.tabIndex = at === chosen ? 0 : -1;
      panels[at].hidden = at !== chosen;
    });
    panels[chosen].dispatchEvent(new CustomEvent("tabs:shown", { bubbles: true }));
  }
  const named = tabs.findIndex((tab) => tab.hash === location.hash);
  show(named < 0 ? 0 : named);
}

export function start(root) {
  for (const bar of root.querySelectorAll("[data-tabs]")) {
    if (bar.getAttribute("role") !== "tablist") begin(bar);
  }
}
