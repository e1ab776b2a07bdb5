"use strict";
/* What a click does: looks, adds, moves, closes, draws a street, sets a capacity. */
(function (app) {
  var live = app.live, MODES = ["look", "add", "move", "close", "open-street", "close-street", "capacity"], places = [], asked = null;
  live.mode = "look";
  live.service = "";

  function drawing() { return live.mode === "open-street" || live.mode === "close-street"; }

  /* Whether a click means a place, whatever lies there. */
  live.placing = function () { return live.mode === "add" || drawing(); };

  live.choose = function (mode) {
    live.mode = mode;
    places = [];
    asked = null;
    live.drawLine(places);
    document.body.classList.toggle("live-drawing", drawing());
    document.body.classList.toggle("live-adding", mode === "add");
    if (drawing()) { app.map.doubleClickZoom.disable(); } else { app.map.doubleClickZoom.enable(); }
    live.drawGrips();
    live.drawBar();
  };

  live.drawBar = function () {
    var holder = app.empty(app.byId("live-modes"));
    MODES.forEach(function (mode) {
      var button = app.node("button", "", app.word("live.mode." + mode));
      button.type = "button";
      button.dataset.mode = mode;
      button.setAttribute("aria-pressed", String(mode === live.mode));
      button.addEventListener("click", function () { live.choose(mode); app.byId("live-modes").children[MODES.indexOf(mode)].focus(); });
      holder.appendChild(button);
    });
    app.byId("live-hint").textContent = app.word("live.hint." + live.mode);
    app.byId("live-done").hidden = !drawing() && !asked;
    app.byId("live-done").disabled = drawing() && places.length < 2;
    app.byId("live-cancel").hidden = !(asked || places.length);
    app.byId("live-ask").hidden = !asked;
    app.byId("live-service").hidden = drawing() || live.mode === "look";
    fillServices();
  };

  function fillServices() {
    var select = app.empty(app.byId("live-service")), judged = app.data.live.judged;
    [["live.services-judged", judged], ["live.services-other", Object.keys(app.data.services).filter(function (one) { return judged.indexOf(one) < 0; })]].forEach(function (group) {
      var made = app.node("optgroup");
      made.label = app.word(group[0]);
      group[1].slice().sort(function (a, b) { return app.serviceName(a).localeCompare(app.serviceName(b), app.state.lang); }).forEach(function (service) {
        made.appendChild(app.option(service, app.serviceName(service), service === live.service));
      });
      if (made.children.length) { select.appendChild(made); }
    });
  }

  /* The service follows the rule that is read, until it is one of that rule's already. */
  live.followTheme = function () {
    var own = app.servicesOf(app.state.theme).filter(function (one) { return app.data.services[one]; });
    if (own.length && own.indexOf(live.service) < 0) { live.service = own[0]; }
    if (!live.service) { live.service = app.data.live.judged[0] || Object.keys(app.data.services)[0] || ""; }
    live.drawBar();
    live.drawGrips();
  };

  /* A facility that was clicked. */
  live.picked = function (about) {
    if (live.mode === "close") { live.edit(Object.assign({ kind: "close" }, about.target)); }
    if (live.mode === "capacity") {
      asked = about;
      app.byId("live-capacity-label").textContent = about.name + app.word("map.colon") + app.word("live.capacity");
      app.byId("live-capacity").value = app.unknown(about.capacity) ? "" : about.capacity;
      live.drawBar();
      app.byId("live-capacity").focus();
    }
  };

  function done() {
    if (asked) {
      var value = app.byId("live-capacity").value;
      if (value === "" || !(Number(value) >= 0)) { app.byId("live-capacity").focus(); return; }
      live.edit(Object.assign({ kind: "capacity", capacity: Number(value) }, asked.target));
    } else if (drawing() && places.length > 1) {
      live.edit({ kind: live.mode, line: places.map(function (place) { return [place.lng, place.lat]; }) });
    }
    stop();
  }

  function stop() {
    places = [];
    asked = null;
    live.drawLine(places);
    live.drawBar();
  }

  /* A click on the map, wherever it falls; true where it was for the scenario. */
  live.clicked = function (latlng) {
    if (live.mode === "add") {
      live.edit({ kind: "add", service: live.service, lon: latlng.lng, lat: latlng.lat });
      return true;
    }
    if (drawing()) {
      places.push(latlng);
      live.drawLine(places);
      live.drawBar();
      return true;
    }
    return live.mode !== "look";
  };

  live.wireModes = function () {
    app.byId("live-service").addEventListener("change", function (event) { live.service = event.target.value; live.drawGrips(); });
    app.byId("live-undo").addEventListener("click", function () { live.change("undo"); });
    app.byId("live-redo").addEventListener("click", function () { live.change("redo"); });
    app.byId("live-done").addEventListener("click", done);
    app.byId("live-cancel").addEventListener("click", stop);
    app.byId("live-capacity").addEventListener("keydown", function (event) { if (event.key === "Enter") { done(); } });
    document.addEventListener("keydown", function (event) {
      var writing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
      if (event.key === "Escape" && (asked || places.length)) { stop(); event.stopPropagation(); return; }
      if (event.key === "Enter" && drawing() && places.length > 1 && !writing && event.target.tagName !== "BUTTON") { done(); }
      if (writing || !(event.ctrlKey || event.metaKey)) { return; }
      if (event.key.toLowerCase() === "z") { event.preventDefault(); live.change(event.shiftKey ? "redo" : "undo"); }
      if (event.key.toLowerCase() === "y") { event.preventDefault(); live.change("redo"); }
    }, true);
  };
}(lifecircle));
