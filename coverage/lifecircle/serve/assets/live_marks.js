"use strict";
/* What the scenario looks like on the map: its own facilities, circles, streets, and grips on those there are. */
(function (app) {
  var live = app.live, MOST_GRIPS = 400, marks = null, grips = null, circles = null, lines = null, gains = null;
  var dragging = null, waiting = null, asking = false;

  live.buildLayers = function () {
    circles = L.layerGroup().addTo(app.map);
    gains = L.layerGroup().addTo(app.map);
    lines = L.layerGroup().addTo(app.map);
    grips = L.layerGroup().addTo(app.map);
    marks = L.layerGroup().addTo(app.map);
    app.map.on("moveend zoomend", live.drawGrips);
  };

  function icon(className, picture, size) { return L.divIcon({ className: className, html: picture, iconSize: [size, size] }); }

  function ownPicture() {
    var picture = app.svg("svg", { width: 26, height: 26, viewBox: "0 0 26 26" });
    app.svg("circle", { cx: 13, cy: 13, r: 10.5, fill: "#f7e225", stroke: "#111111", "stroke-width": 2 }, picture);
    app.svg("path", { d: "M13 7 V19 M7 13 H19", stroke: "#111111", "stroke-width": 2.4, fill: "none" }, picture);
    return picture;
  }

  function gripPicture() {
    var picture = app.svg("svg", { width: 24, height: 24, viewBox: "0 0 24 24" });
    app.svg("circle", { cx: 12, cy: 12, r: 8, fill: "rgba(255,255,255,0.6)", stroke: "#14506e", "stroke-width": 2.5 }, picture);
    app.svg("circle", { cx: 12, cy: 12, r: 3, fill: "#14506e" }, picture);
    return picture;
  }

  function circle(shape, colour) {
    if (!shape) { return; }
    circles.addLayer(L.polygon(app.polygons(shape, app.data.origin), { pane: "areas", color: colour, weight: 2.5, dashArray: "7 4", fillColor: colour, fillOpacity: 0.12, interactive: false }));
  }

  /* The circle under the pointer: one question at a time, the newest place next. */
  function preview(service, latlng) {
    waiting = { service: service, lon: latlng.lng, lat: latlng.lat };
    if (asking) { return; }
    asking = true;
    var asked = waiting;
    waiting = null;
    live.ask("circle", asked).then(function (told) {
      asking = false;
      if (told && dragging) { circles.clearLayers(); circle(told.shape, "#8c2d6f"); }
      if (waiting) { preview(waiting.service, { lng: waiting.lon, lat: waiting.lat }); }
    });
  }

  function draggable(latlng, picture, className, size, about) {
    var mark = L.marker(latlng, { pane: "sites", draggable: true, autoPan: true, keyboard: true, zIndexOffset: 1000, title: about.name, icon: icon(className, picture, size) });
    mark.on("dragstart", function () { dragging = mark; });
    mark.on("drag", function () { preview(about.service, mark.getLatLng()); });
    mark.on("dragend", function () {
      var place = mark.getLatLng();
      dragging = null;
      live.edit(Object.assign({ kind: "move", lon: place.lng, lat: place.lat }, about.target)).then(function (told) { if (!told) { mark.setLatLng(latlng); } });
    });
    mark.on("click", function () { if (!live.placing() || !live.clicked(mark.getLatLng())) { live.picked(about); } });
    return mark;
  }

  live.nameOf = function (facility) {
    var found = null;
    Object.keys(app.data.facilities).some(function (service) {
      var layer = app.data.facilities[service], row = layer.id.indexOf(facility);
      if (row >= 0) { found = { name: layer.name[row] || facility, service: service, row: row }; }
      return row >= 0;
    });
    return found || { name: facility, service: "", row: -1 };
  };

  /* Facilities that the scenario adds or moves, each at its place and ready to be dragged on. */
  live.drawMarks = function () {
    var change = live.state && live.state.change;
    marks.clearLayers();
    lines.clearLayers();
    if (!change) { return; }
    (change.add || []).forEach(function (one) {
      marks.addLayer(draggable([one.lat, one.lon], ownPicture(), "live-own", 26, { name: one.name || app.serviceName(one.service), service: one.service, capacity: one.capacity, target: { facility: one.facility } }));
    });
    (change.move || []).forEach(function (one) {
      var known = live.nameOf(one.facility);
      marks.addLayer(draggable([one.lat, one.lon], ownPicture(), "live-own", 26, { name: known.name, service: known.service, target: { facility: one.facility } }));
      if (known.row >= 0) {
        var layer = app.data.facilities[known.service];
        lines.addLayer(L.polyline([app.place(layer.x[known.row], layer.y[known.row], app.data.origin), [one.lat, one.lon]], { pane: "chosen", color: "#111111", weight: 1.5, dashArray: "3 4", interactive: false }));
      }
    });
    [["open_streets", "#0d559c", null], ["close_streets", "#7f2c04", "3 7"]].forEach(function (kind) {
      (change[kind[0]] || []).forEach(function (one) {
        lines.addLayer(L.polyline(one.line.map(function (place) { return [place[1], place[0]]; }), { pane: "chosen", color: kind[1], weight: 5, dashArray: kind[2], interactive: false }));
      });
    });
  };

  /* Grips on the facilities of the service chosen, where there are few enough in view to take hold of one. */
  live.drawGrips = function () {
    if (!grips) { return; }
    grips.clearLayers();
    live.unsay("grips");
    if (["move", "close", "capacity"].indexOf(live.mode) < 0) { return; }
    var layer = app.data.facilities[live.service], view = app.map.getBounds().pad(0.02), seen = [];
    var change = (live.state && live.state.change) || {}, gone = (change.close || []).concat((change.move || []).map(function (one) { return one.facility; }));
    ((layer && layer.x) || []).forEach(function (x, row) {
      var place = app.place(x, layer.y[row], app.data.origin);
      if (view.contains(place) && gone.indexOf(layer.id[row]) < 0) { seen.push({ place: place, row: row }); }
    });
    if (seen.length > MOST_GRIPS) { live.say("grips", app.word("live.zoom-in", { n: app.number(seen.length) }), true); return; }
    seen.forEach(function (one) {
      var about = { name: layer.name[one.row] || layer.id[one.row], service: live.service, capacity: app.at(layer.capacity, one.row), target: { drawn: { service: live.service, row: one.row } } };
      if (live.mode === "move") { grips.addLayer(draggable(one.place, gripPicture(), "live-grip", 24, about)); return; }
      var grip = L.marker(one.place, { pane: "sites", keyboard: true, title: about.name, icon: icon("live-grip", gripPicture(), 24) });
      grip.on("click", function () { live.picked(about); });
      grips.addLayer(grip);
    });
  };

  /* The first answer: circles of what was touched, and communities where more or fewer people are in reach. */
  live.drawFirst = function () {
    circles.clearLayers();
    gains.clearLayers();
    var told = live.first;
    if (!told || told.version !== live.version) { return; }
    told.circles.forEach(function (one) { circle(one.shape, "#8c2d6f"); });
    Object.keys(told.services).forEach(function (service) {
      [["more", "#0d559c"], ["fewer", "#7f2c04"]].forEach(function (kind) {
        told.services[service][kind[0]].forEach(function (row) {
          gains.addLayer(L.polygon(app.shapes[row].getLatLngs(), { pane: "outline", fill: false, color: kind[1], weight: 2, interactive: false }));
        });
      });
    });
  };

  live.drawLine = function (places) {
    if (live.line) { live.line.remove(); live.line = null; }
    if (!places.length) { return; }
    live.line = L.layerGroup([L.polyline(places, { pane: "chosen", color: live.mode === "open-street" ? "#0d559c" : "#7f2c04", weight: 4, dashArray: "6 5", interactive: false })].concat(places.map(function (place) {
      return L.circleMarker(place, { pane: "chosen", radius: 4, color: "#111111", weight: 1.5, fillColor: "#ffffff", fillOpacity: 1, interactive: false });
    }))).addTo(app.map);
  };

  live.drawSuggested = function (places) {
    if (live.suggested) { live.suggested.remove(); live.suggested = null; }
    if (!places.length) { return; }
    live.suggested = L.layerGroup(places.map(function (place, at) {
      return L.marker([place[1], place[0]], { pane: "sites", keyboard: false, interactive: false, icon: L.divIcon({ className: "pin", html: app.pinPicture(at + 1), iconSize: [30, 38], iconAnchor: [15, 37] }) });
    })).addTo(app.map);
  };
}(lifecircle));
