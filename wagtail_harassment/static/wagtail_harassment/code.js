/* Copies a return code, and prints its page: buttons that are shown only where they work. Keeps nothing. */
(() => {
  "use strict"
  const copy = document.querySelector("[data-copy-button]")
  const words = document.querySelector("[data-copy]")
  if (copy && words && navigator.clipboard) {
    const before = copy.textContent
    copy.hidden = false
    copy.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(words.textContent.trim().replace(/\s+/g, " "))
        copy.textContent = copy.dataset.done
      } catch {
        copy.textContent = before
      }
    })
  }
  const print = document.querySelector("[data-print-button]")
  if (print) {
    print.hidden = false
    print.addEventListener("click", () => window.print())
  }
})()
