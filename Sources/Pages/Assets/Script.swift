/// The little script: pages are shown anew when something has happened. Everything works without it.
///
/// What somebody has begun to write is never taken away: while a field holds something, or has the focus, the page waits.
enum Script {
  static let text = """
    "use strict";
    (() => {
      const live = document.documentElement.dataset.live === "yes";
      const light = document.getElementById("live");
      const show = (state, words) => {
        if (!light) return;
        light.dataset.state = state;
        light.textContent = words;
      };
      let waiting = false;
      let asking = false;
      let events = null;
      // What stands here may be old: the last question was answered otherwise than by the page.
      let stale = false;
      const tell = () => {
        if (stale) show("off", "not up to date");
        else if (events) events.readyState === 1 ? show("on", "live") : show("off", "not live");
      };
      // What is under a thumb doesn't move, and what has just moved isn't pressed by mistake.
      let held = false;
      let touched = 0;
      let swapped = 0;
      document.addEventListener("pointerdown", () => { held = true; touched = Date.now(); }, true);
      // A menu, a drag or another window takes the end of a press with it: nobody holds a button for ten seconds.
      for (const end of ["pointerup", "pointercancel", "contextmenu", "dragend"]) {
        document.addEventListener(end, () => { held = false; touched = Date.now(); }, true);
      }
      window.addEventListener("blur", () => { held = false; });
      document.addEventListener("scroll", () => { touched = Date.now(); }, { capture: true, passive: true });
      const still = () => Date.now() - touched > (held ? 10000 : 1000);
      // A choice stands as it was given: the options that were marked, or the first where none was.
      const chosen = (select) => {
        const options = Array.from(select.options);
        const marked = select.multiple || options.some((one) => one.defaultSelected);
        return options.some((one, place) => one.selected !== (marked ? one.defaultSelected : place === 0));
      };
      const written = (one) => one.type === "checkbox" || one.type === "radio" ? one.checked !== one.defaultChecked : one.value !== one.defaultValue;
      const busy = () => {
        const field = document.activeElement;
        if (field && /^(INPUT|SELECT|TEXTAREA)$/.test(field.tagName)) return true;
        return Array.from(document.querySelectorAll("main textarea, main input:not([type=hidden])")).some(written)
          || Array.from(document.querySelectorAll("main select")).some(chosen);
      };
      const refresh = async () => {
        if (asking || busy()) { waiting = true; return; }
        if (!still()) { soon(); return; }
        asking = true;
        waiting = false;
        try {
          const answer = await fetch(location.href, { headers: { "X-Refresh": "1" }, credentials: "same-origin" });
          if (answer.redirected) { location.reload(); return; }
          stale = !answer.ok;
          tell();
          if (stale) setTimeout(soon, 5000 + Math.random() * 5000);
          else {
            const next = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
            const now = document.querySelector("main");
            if (next && now && (busy() || !still())) waiting = true;
            else if (next && now) {
              const open = Array.from(now.querySelectorAll("details[open][id]")).map((one) => one.id);
              now.replaceWith(next);
              swapped = Date.now();
              for (const id of open) { const one = document.getElementById(id); if (one) one.open = true; }
            }
          }
        } catch {
          stale = true;
          show("off", "offline");
        }
        asking = false;
        if (waiting && !busy()) soon();
      };
      let planned = 0;
      // The first of many plans it, so that a storm doesn't put it off for ever.
      const soon = () => { if (!planned) planned = setTimeout(() => { planned = 0; refresh(); }, 400); };
      document.addEventListener("focusout", () => { if (waiting) soon(); });
      document.addEventListener("visibilitychange", () => { if (!document.hidden && live) soon(); });
      document.addEventListener("submit", (event) => {
        if (Date.now() - swapped < 700) { event.preventDefault(); return; }
        for (const one of event.target.querySelectorAll("button")) setTimeout(() => { one.disabled = true; }, 0);
      });
      window.addEventListener("pageshow", () => { for (const one of document.querySelectorAll("button")) one.disabled = false; });
      if (!live || !window.EventSource) return;
      let missed = false;
      const listen = () => {
        events = new EventSource("/live");
        events.onopen = () => {
          tell();
          // All who were cut off come back together: not all ask at once.
          if (missed) setTimeout(soon, Math.random() * 2000);
          missed = false;
        };
        events.onerror = () => {
          missed = true;
          tell();
          if (events.readyState === 2) setTimeout(listen, 4000 + Math.random() * 4000);
        };
        events.addEventListener("changed", soon);
      };
      listen();
      setInterval(() => { if (!document.hidden) soon(); }, 60000);
      window.addEventListener("pagehide", () => events && events.close());
      window.addEventListener("pageshow", (event) => { if (event.persisted) { listen(); soon(); } });
    })();
    """
}
