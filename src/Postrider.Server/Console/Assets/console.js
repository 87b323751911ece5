// All that the console does in the browser by itself. Without it every page works: forms are sent, links are followed.
(() => {
  const root = document.documentElement;
  root.classList.remove("no-script");

  // The server is told the zone of the clock, for charts and filters. What is shown already says its own.
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone) document.cookie = `postrider-zone=${encodeURIComponent(zone)}; Path=/; Max-Age=31536000; SameSite=Lax${location.protocol === "https:" ? "; Secure" : ""}`;

  // Copy buttons.
  document.addEventListener("click", async event => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const source = document.getElementById(button.dataset.copy);
    const before = button.textContent;
    // Browsers give the clipboard to https and to this machine alone; elsewhere the text is selected, and an older way is tried.
    let copied = true;
    if (navigator.clipboard) await navigator.clipboard.writeText(source.textContent).catch(() => { copied = false; });
    else {
      getSelection().selectAllChildren(source);
      copied = document.execCommand("copy");
    }
    if (!copied) getSelection().selectAllChildren(source);
    button.textContent = copied ? document.body.dataset.copied : document.body.dataset.press;
    setTimeout(() => { button.textContent = before; }, 1500);
  });

  // A time is shown relative; its absolute one, in the viewer's zone, is in the title.
  const localTimes = within => {
    for (const time of within.querySelectorAll("time[datetime]"))
      time.title = new Date(time.dateTime).toLocaleString(root.lang);
  };
  localTimes(document);
  document.addEventListener("htmx:afterSettle", event => localTimes(event.target));

  // A part that refreshes itself waits while something in it is selected, and says so. What is unfolded or scrolled in it stays as it is.
  document.addEventListener("htmx:beforeRequest", event => {
    const part = event.detail.elt, text = getSelection();
    if (part.id !== "live") return;
    const waits = part.querySelector("tbody input:checked") || (!text.isCollapsed && part.contains(text.anchorNode));
    part.classList.toggle("waiting", !!waits);
    if (waits) event.preventDefault();
  });
  let kept = [];
  document.addEventListener("htmx:beforeSwap", event => {
    kept = [...event.detail.target.querySelectorAll("details[id], .table[id]")].map(one => ({ id: one.id, open: one.open, left: one.scrollLeft }));
  });
  document.addEventListener("htmx:afterSwap", () => {
    for (const { id, open, left } of kept) {
      const one = document.getElementById(id);
      if (one) { if (open !== undefined) one.open = open; one.scrollLeft = left; }
    }
    kept = [];
  });

  // A part that cannot refresh itself says so, until it can again.
  const lost = document.getElementById("lost");
  document.addEventListener("htmx:afterRequest", event => {
    const status = event.detail.xhr.status;
    if (lost && (status === 0 || status >= 500) && event.detail.elt.isConnected) lost.hidden = false;
    else if (lost && event.detail.successful) lost.hidden = true;
  });

  // What takes longer than a moment says so, and is not sent twice.
  document.addEventListener("submit", event => {
    const button = event.submitter;
    if (!button || event.defaultPrevented || button.dataset.again !== undefined) return;
    setTimeout(() => { button.disabled = true; if (button.dataset.busy) button.textContent = button.dataset.busy; }, 0);
  });

  // Select all in a list.
  document.addEventListener("change", event => {
    if (!event.target.matches("[data-all]")) return;
    for (const box of event.target.closest("table").querySelectorAll("tbody input[type=checkbox]"))
      box.checked = event.target.checked;
  });

  // Steps through the links that begin the rows of a list; the row with the focus is the one that x picks.
  const step = (event, by) => {
    const links = [...document.querySelectorAll("main .table tbody tr")].map(row => row.querySelector("a[href]")).filter(link => link);
    const row = document.activeElement.closest("main .table tbody tr");
    const at = links.findIndex(link => row && row.contains(link));
    const next = links[at < 0 ? (by > 0 ? 0 : links.length - 1) : at + by];
    if (next) { event.preventDefault(); next.focus(); }
  };

  // Keys: j and k go through a list, x picks; / searches, g and a letter goes somewhere, ? shows them.
  let going = false;
  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox]),select,textarea,dialog")) return;
    if (going) {
      going = false;
      const link = document.querySelector(`nav a[data-key="${CSS.escape(event.key)}"]`);
      if (link) { event.preventDefault(); link.click(); }
      return;
    }
    if (event.key === "g") { going = true; setTimeout(() => { going = false; }, 1500); }
    if (event.key === "j") step(event, 1);
    if (event.key === "k") step(event, -1);
    if (event.key === "x") document.activeElement.closest("main .table tbody tr")?.querySelector("input[type=checkbox]")?.click();
    if (event.key === "/") {
      const search = document.querySelector("[data-search]");
      event.preventDefault();
      if (search) search.focus(); else document.querySelector('nav a[data-key="m"]')?.click();
    }
    if (event.key === "?") document.getElementById("keys")?.showModal();
  });
})();
