/* Files, with how far they have come. Without this script the same forms work by themselves.

   "each": on a step of the form, every file is sent by itself as soon as it is chosen, so that a connection that
   breaks costs one file; what is typed on the page stays where it is. "whole": a message, or an entry on a case,
   goes with its files when its button is pressed. What comes back is the page that the server would show anyway;
   the part that changed is put in its place. */
(() => {
  "use strict"

  const send = (form, data, told) =>
    new Promise((resolve, reject) => {
      const request = new XMLHttpRequest()
      request.open("POST", form.getAttribute("action"))
      request.responseType = "document"
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) told(event.loaded, event.total)
      })
      request.addEventListener("load", () => (request.response ? resolve(request) : reject()))
      for (const name of ["error", "abort", "timeout"]) request.addEventListener(name, reject)
      request.send(data)
    })

  const size = (bytes) => {
    const units = ["byte", "kilobyte", "megabyte", "gigabyte"]
    const power = bytes < 1024 ? 0 : Math.min(3, Math.floor(Math.log2(bytes) / 10))
    const style = { style: "unit", unit: units[power], maximumFractionDigits: power > 1 ? 1 : 0 }
    return new Intl.NumberFormat(document.documentElement.lang, style).format(bytes / 1024 ** power)
  }

  const filled = (words, ...values) => words.replace(/%s/g, () => values.shift())

  const progress = (place) => {
    const words = place.dataset
    const bar = document.createElement("progress")
    const text = document.createElement("span")
    const count = document.createElement("span")
    // The numbers change too often to be read out.
    count.setAttribute("aria-hidden", "true")
    return {
      begin(name) {
        text.textContent = filled(words.whSending, name)
        bar.removeAttribute("value")
        bar.setAttribute("aria-label", name)
        count.textContent = ""
        place.replaceChildren(text, bar, count)
      },
      told(loaded, total) {
        bar.max = total
        bar.value = loaded
        count.textContent = filled(words.whLeft, size(loaded), size(total))
      },
      say(what) {
        place.textContent = what
      },
      done() {
        place.textContent = words.whDone
      },
      failed() {
        place.textContent = words.whFailed
      },
    }
  }

  const basics = (form) => {
    const data = new FormData()
    for (const name of ["csrfmiddlewaretoken", "journey", "return"]) {
      const input = form.elements.namedItem(name)
      if (input) data.append(name, input.value)
    }
    return data
  }

  // Every file by itself, as soon as it is chosen.
  const each = (form) => {
    for (const place of form.querySelectorAll("[data-wh-files]")) {
      const code = place.dataset.whFiles
      const list = place.querySelector("[data-wh-files-list]")
      const shown = progress(place.querySelector("[data-wh-files-progress]"))
      const button = place.querySelector("[data-wh-files-add]")
      button.hidden = true
      const kept = () => {
        const typed = new Map()
        for (const input of list.querySelectorAll("input")) typed.set(input.name, input.value)
        return typed
      }
      const swap = (page) => {
        const typed = kept()
        const fresh = page.querySelector(`[data-wh-files="${code}"] [data-wh-files-list]`)
        if (!fresh) return false
        list.replaceChildren(...fresh.childNodes)
        for (const input of list.querySelectorAll("input")) {
          if (typed.has(input.name)) input.value = typed.get(input.name)
        }
        return true
      }
      const errors = document.createElement("div")
      errors.setAttribute("role", "alert")
      place.querySelector("[data-wh-files-progress]").before(errors)
      let queue = Promise.resolve()
      let pending = 0
      const input = place.querySelector("input[type=file]")
      input.addEventListener("change", () => {
        const files = [...input.files]
        input.value = ""
        errors.replaceChildren()
        for (const old of place.querySelectorAll("[data-wh-files-errors]")) old.remove()
        const { whMost, whTooBig } = place.querySelector("[data-wh-files-progress]").dataset
        const refuse = (...words) => {
          for (const one of words) errors.append(one)
        }
        for (const file of files) {
          if (file.size > Number(whMost)) {
            // It would be sent for nothing.
            const words = document.createElement("p")
            words.className = "wh-error"
            words.textContent = filled(whTooBig, file.name)
            refuse(words)
            continue
          }
          pending += 1
          queue = queue.then(async () => {
            shown.begin(file.name)
            const data = basics(form)
            data.append("only", "files")
            data.append(code, file, file.name)
            data.append("whole", "1")
            try {
              const answer = await send(form, data, shown.told)
              const page = answer.response
              if (!swap(page)) {
                // Not this page: the visit has ended, or the site fails. It says so itself.
                if (answer.status < 400) location.assign(answer.responseURL)
                else shown.failed()
                return
              }
              const said = page.querySelectorAll(`[data-wh-files="${code}"] [data-wh-files-errors] > *`)
              for (const one of said) one.removeAttribute("id")
              refuse(...said)
              if (said.length) shown.say("")
              else shown.done()
            } catch {
              shown.failed()
            } finally {
              pending -= 1
            }
          })
        }
      })
      // Chosen before this script was there.
      if (input.files.length) input.dispatchEvent(new Event("change"))
      // Whoever goes on while files are on their way is taken along when they are there.
      let waiting = false
      let released = false
      form.addEventListener("submit", (event) => {
        if (released || !pending) return
        const pressed = event.submitter
        event.preventDefault()
        if (waiting) return
        waiting = true
        queue.then(() => {
          // The list may have been put in its place anew, and its buttons with it.
          const same = (one) => one.type === "submit" && one.name === pressed.name && one.value === pressed.value
          const now = !pressed || form.contains(pressed) ? pressed : [...form.elements].find(same)
          released = true
          if (now) form.requestSubmit(now)
          else form.requestSubmit()
          released = waiting = false
        })
      })
    }
  }

  // All at once, when the button is pressed.
  const whole = (form) => {
    const inputs = [...form.querySelectorAll("input[type=file]")]
    const shown = progress(form.querySelector("[data-wh-files-progress]"))
    let busy = false
    form.addEventListener("submit", async (event) => {
      const chosen = inputs.flatMap((input) => [...input.files])
      if (!chosen.length) return
      event.preventDefault()
      if (busy) return
      busy = true
      shown.begin(chosen.map((file) => file.name).join(", "))
      try {
        const answer = await send(form, new FormData(form), shown.told)
        const fresh = answer.response.querySelector("[data-wh-swap]")
        if (answer.status < 400 || !fresh) {
          location.assign(answer.responseURL)
          if (answer.responseURL.split("#")[0] === location.href.split("#")[0]) location.reload()
          return
        }
        document.querySelector("[data-wh-swap]").replaceWith(fresh)
        document.title = answer.response.title
        start()
        const said = fresh.querySelector("[role=alert]") || fresh
        said.tabIndex = -1
        said.focus()
      } catch {
        shown.failed()
        busy = false
      }
    })
  }

  const start = () => {
    for (const form of document.querySelectorAll("form[data-wh-upload]")) {
      if (form.dataset.whReady) continue
      form.dataset.whReady = "yes"
      if (form.dataset.whUpload === "each") each(form)
      else whole(form)
    }
  }
  start()
})()
