"use strict";
/* Paper has a size of its own: lay the page out for it first, then fit the map, then let it print. */
(function (app) {
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
    app.map.invalidateSize({ animate: false, pan: false });
  }

  /* The sheet that the style sheet asks the printer for, and how large the map is on it. */
  function setPaper(name) {
    Array.from(document.styleSheets).forEach(function (sheet) {
      Array.from(sheet.cssRules).forEach(function (rule) {
        if (rule instanceof CSSPageRule) { rule.style.setProperty("size", name + " landscape"); }
      });
    });
    document.body.classList.toggle("paper-a3", name === "A3");
  }

  app.wirePrint = function () {
    var view = null, folded = [];
    app.byId("paper-select").addEventListener("change", function (event) { setPaper(/** @type {HTMLSelectElement} */ (event.target).value); });
    document.getElementById("print-button").addEventListener("click", function () { window.print(); });
    window.addEventListener("beforeprint", function () {
      view = { whole: app.seesAll(), snap: app.map.options.zoomSnap, bounds: app.map.getBounds(), centre: app.map.getCenter(), zoom: app.map.getZoom() };
      settle(true);
      app.byId("key").setAttribute("open", "");
      folded = Array.from(document.querySelectorAll("#place .clause:not([open])"));
      folded.forEach(function (part) { part.setAttribute("open", ""); });
      // the sheet has another shape than the screen: what fills it best, at any scale
      app.map.options.zoomSnap = 0;
      if (view.whole) { app.showAll(); } else { app.map.fitBounds(view.bounds, { animate: false }); }
      picturesOfCanvases();
    });
    window.addEventListener("afterprint", function () {
      document.querySelectorAll(".on-paper").forEach(function (picture) { picture.remove(); });
      folded.forEach(function (part) { part.removeAttribute("open"); });
      settle(false);
      app.map.options.zoomSnap = view.snap;
      app.map.setView(view.centre, view.zoom, { animate: false });
    });
  };
}(lifecircle));
