// The pages of a case, better with JavaScript: a panel that a link leads to opens in place, and a note is kept while it
// is written. Nothing here is needed to read or press anything.
(function () {
  "use strict";

  const KEEP_AFTER = 4000;

  // A panel is a link until somebody wants it: then it is fetched, and put where the link was.
  function fetchPanel(link) {
    fetch(link.dataset.whPanel, { credentials: "same-origin", redirect: "error" })
      .then(function (answer) {
        if (answer.status !== 200) throw new Error();
        return answer.text();
      })
      .then(function (text) {
        const made = new DOMParser().parseFromString(text, "text/html").querySelector("details.wh-do");
        document.querySelectorAll("details.wh-do[open]").forEach(function (other) {
          other.open = false;
        });
        link.replaceWith(made);
        show(made, made);
      })
      .catch(function () {
        location.assign(link.href);
      });
  }

  function open() {
    const place = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (!place) return;
    if (place.dataset.whPanel) {
      for (let around = place.closest("details"); around; around = around.parentElement.closest("details")) {
        around.open = true;
      }
      place.scrollIntoView();
      place.focus();
      return;
    }
    const panel = place.closest("details");
    if (!panel) return;
    show(place, panel);
  }

  function show(place, panel) {
    for (let around = panel; around; around = around.parentElement.closest("details")) around.open = true;
    place.scrollIntoView();
    const field = panel.querySelector("textarea, input:not([type=hidden]), select");
    if (field && panel.classList.contains("wh-do")) field.focus();
  }

  function keep(form) {
    const words = form.querySelector("textarea");
    const said = form.querySelector("[data-wh-kept]");
    let timer = null;
    let kept = words.value;

    function send(leaving) {
      timer = null;
      if (words.value === kept) return;
      const now = words.value;
      const body = new FormData(form);
      body.set("quiet", "1");
      fetch(form.dataset.whKeep, {
        method: "POST",
        body: body,
        credentials: "same-origin",
        redirect: "error",
        keepalive: leaving === true,
      })
        .then(function (answer) {
          if (answer.status !== 204) throw new Error();
          kept = now;
          said.textContent = said.dataset.whKept;
          said.hidden = false;
        })
        .catch(function () {
          said.hidden = true;
        });
    }

    words.addEventListener("input", function () {
      said.hidden = true;
      if (!timer) timer = setTimeout(send, KEEP_AFTER);
    });
    document.addEventListener("visibilitychange", function () {
      if (document.visibilityState === "hidden" && timer) {
        clearTimeout(timer);
        send(true);
      }
    });
    form.addEventListener("submit", function () {
      clearTimeout(timer);
    });
  }

  document.addEventListener("click", function (event) {
    const link = event.target.closest("a[data-wh-panel]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    fetchPanel(link);
  });
  document.querySelectorAll("form[data-wh-keep]").forEach(keep);
  window.addEventListener("hashchange", open);
  open();
})();
