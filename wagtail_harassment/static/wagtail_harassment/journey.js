/* "Exit this page": a plain link that works by itself. With this script it also takes the page away at once, before
   the network answers, puts the way out in its place in the history, takes other tabs along, and listens for Shift,
   pressed three times. Nothing is read, kept or sent. */
(() => {
  "use strict"
  const button = document.querySelector("a.wh-leave[data-wh-exit]")
  if (!button) return
  const root = document.documentElement
  const words = button.dataset
  const PAUSE = 5000

  const blank = () => {
    const name = document.title.split(":")[0]
    root.hidden = true
    document.body.replaceChildren()
    document.title = name
  }

  const forget = () => {
    for (const name of ["sessionStorage", "localStorage"]) {
      try {
        const store = window[name]
        for (const key of Object.keys(store)) if (key.startsWith("wh-")) store.removeItem(key)
      } catch { /* A browser may keep its stores from us. */ }
    }
  }

  let tabs = null
  const exit = (told) => {
    if (!told && tabs) tabs.postMessage("exit")
    forget()
    blank()
    // Where it leads is told nothing of the page, as the link's "noreferrer" has it.
    const meta = document.createElement("meta")
    meta.name = "referrer"
    meta.content = "no-referrer"
    document.head.append(meta)
    location.replace(button.href)
  }
  if ("BroadcastChannel" in window) {
    tabs = new BroadcastChannel("wh-exit")
    tabs.onmessage = () => exit(true)
  }

  for (const link of document.querySelectorAll("a[data-wh-exit]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault()
      exit()
    })
  }

  // Shift alone, three times in a row, none more than five seconds after the last.
  const live = document.createElement("div")
  live.className = "wh-visually-hidden"
  live.setAttribute("aria-live", "polite")
  document.body.append(live)
  let count = 0
  let alone = false
  let timer = 0
  const counted = (number, said) => {
    count = number
    clearTimeout(timer)
    if (number) button.dataset.whPressed = number
    else delete button.dataset.whPressed
    live.textContent = said
  }
  const restart = () => {
    alone = false
    if (count) counted(0, "")
  }
  addEventListener("keydown", (event) => {
    if (event.key !== "Shift" || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) restart()
    else if (!event.repeat) alone = true
  }, true)
  addEventListener("pointerdown", restart, true)
  addEventListener("blur", restart)
  addEventListener("keyup", (event) => {
    if (event.key !== "Shift" || !alone) return
    alone = false
    if (count === 2) {
      exit()
      return
    }
    counted(count + 1, count ? words.whOne : words.whTwo)
    timer = setTimeout(() => counted(0, words.whOver), PAUSE)
  }, true)

  // A page that a browser kept ready for its Back button comes back empty, and asks the site what may be shown.
  if (words.whExit === "journey") {
    addEventListener("pagehide", () => { root.hidden = true })
    addEventListener("pageshow", (event) => { if (event.persisted) location.reload() })
  }
})()
