"use strict";
/* Paper has a size of its own: lay the page out for it first, then fit the map, then let it print. */
(function (app) {
  var FEWEST = 3, MOST_TURNS = 400;

  /* Canvases as pictures: Chromium prints a canvas as commands, and clearing one wipes the layers below it. */
  function picturesOfCanvases() {
    document.querySelectorAll("#gap_map canvas").forEach(function (element) {
      var canvas = /** @type {HTMLCanvasElement} */ (element);
      var picture = app.node("img", "on-paper");
      picture.decoding = "sync";
      picture.alt = "";
      picture.src = canvas.toDataURL();
      ["width", "height", "transform"].forEach(function (name) { picture.style[name] = canvas.style[name]; });
      canvas.parentNode.appendChild(picture);
    });
  }

  function settle(printing) {
    document.body.classList.toggle("printing", printing);
    if (app.state.compare) { app.makeRoom(); } else { app.map.invalidateSize({ animate: false, pan: false }); }
  }

  /* The sheet that the style sheet asks the printer for, and how the page is laid out on it: "A4", "A3 portrait" ... */
  function setPaper(choice) {
    var parts = choice.split(" "), upright = parts[1] === "portrait";
    Array.from(document.styleSheets).forEach(function (sheet) {
      Array.from(sheet.cssRules).forEach(function (rule) {
        if (rule instanceof CSSPageRule) { rule.style.setProperty("size", parts[0] + (upright ? " portrait" : " landscape")); }
      });
    });
    document.body.classList.toggle("paper-a3", parts[0] === "A3");
    document.body.classList.toggle("paper-upright", upright);
  }

  function isSeen(element) { return element.getClientRects().length > 0; }

  function itemsOf(list) { return Array.from(list.children).filter(function (item) { return !item.classList.contains("paper-note") && isSeen(item); }); }

  /* How many of a list's entries stand on the sheet, where not all do. */
  function noteOf(list) {
    var shown = itemsOf(list).filter(function (item) { return !item.querySelector(".more"); }).length, note = list.querySelector(":scope > .paper-note"), all = Number(list.dataset.all || list.children.length - (note ? 1 : 0));
    if (shown >= all) { if (note) { note.remove(); } return; }
    if (!note) { note = list.appendChild(app.node("li", "paper-note")); }
    note.textContent = app.word("map.listed-of", { n: app.number(shown), number: app.number(all) });
  }

  /* The blocks of the panel in their order on the sheet, those of a section one by one. */
  function blocksOf(place) {
    var all = [].concat.apply([], Array.from(place.children).map(function (part) { return part.tagName === "SECTION" ? Array.from(part.children) : [part]; }));
    return all.filter(function (part) { return isSeen(part) && !part.matches("h2, .why, .verdict-line, .people, .paper-note"); })
      .sort(function (a, b) { return a.getBoundingClientRect().top - b.getBoundingClientRect().top; });
  }

  /* Takes from the longest list until the panel fits its place on the sheet, then blocks from the end; either is told. */
  function fitPanel() {
    var frame = app.byId("part-place"), place = app.byId("place"), lists = Array.from(place.querySelectorAll("ol,ul")).filter(isSeen);
    function over() { return frame.scrollHeight > frame.clientHeight + 1; }
    function show(part, list, shown) {
      part.classList.toggle("off-paper", !shown);
      noteOf(list);
    }
    lists.forEach(noteOf);
    for (var turn = 0; over() && turn < MOST_TURNS; turn += 1) {
      var longest = lists.filter(isSeen).sort(function (a, b) { return itemsOf(b).length - itemsOf(a).length; })[0], items = longest ? itemsOf(longest) : [];
      if (items.length > FEWEST) { show(items[items.length - 1], longest, false); continue; }
      // a heading goes with what stood under it
      for (var blocks = blocksOf(place), last = blocks.pop(); last; last = blocks.length && blocks[blocks.length - 1].matches("h3, h4") ? blocks.pop() : null) { last.classList.add("off-paper"); }
      if (!blocks.length) { return; }
      if (!place.querySelector(":scope > .paper-note")) { place.appendChild(app.node("p", "paper-note", app.word("map.more-in-workbook"))); }
    }
    // what went last may leave room for what went before
    lists.filter(isSeen).forEach(function (list) {
      Array.from(list.children).filter(function (item) { return item.classList.contains("off-paper"); }).every(function (item) {
        show(item, list, true);
        if (over()) { show(item, list, false); return false; }
        return true;
      });
    });
  }

  function unfitPanel() {
    document.querySelectorAll(".paper-note").forEach(function (note) { note.remove(); });
    document.querySelectorAll(".off-paper").forEach(function (part) { part.classList.remove("off-paper"); });
  }

  /* Sheets to choose from, each lying or upright. */
  function drawPapers() {
    var select = /** @type {HTMLSelectElement} */ (app.byId("paper-select")), chosen = select.value || "A4";
    app.empty(select);
    ["A4", "A4 portrait", "A3", "A3 portrait"].forEach(function (paper) {
      select.appendChild(app.option(paper, paper.slice(0, 2) + " " + app.word(paper.length > 2 ? "map.upright" : "map.lying"), paper === chosen));
    });
  }

  app.part("papers", ["lang"], drawPapers);

  app.wirePrint = function () {
    var view = null, folded = [];
    app.byId("paper-select").addEventListener("change", function (event) { setPaper(/** @type {HTMLSelectElement} */ (event.target).value); });
    document.getElementById("print-button").addEventListener("click", function () { window.print(); });
    window.addEventListener("beforeprint", function () {
      view = { whole: app.seesAll(), snap: app.map.options.zoomSnap, bounds: app.map.getBounds(), centre: app.map.getCenter(), zoom: app.map.getZoom() };
      app.byId("key").setAttribute("open", "");
      settle(true);
      folded = Array.from(document.querySelectorAll("#place .clause:not([open])"));
      folded.forEach(function (part) { part.setAttribute("open", ""); });
      fitPanel();
      // the sheet has another shape than the screen: what fills it best, at any scale
      app.map.options.zoomSnap = 0;
      if (view.whole) { app.showAll(); } else { app.map.fitBounds(view.bounds, { animate: false }); }
      picturesOfCanvases();
    });
    window.addEventListener("afterprint", function () {
      document.querySelectorAll(".on-paper").forEach(function (picture) { picture.remove(); });
      folded.forEach(function (part) { part.removeAttribute("open"); });
      unfitPanel();
      settle(false);
      app.map.options.zoomSnap = view.snap;
      app.map.setView(view.centre, view.zoom, { animate: false });
    });
  };
}(lifecircle));
