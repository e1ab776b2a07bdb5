"use strict";
/* Puts the live parts where they belong in the page and starts them after the map. */
(function (app) {
  var live = app.live, start = app.start, clicked = app.clicked, began = false;

  app.clicked = function (latlng, row) { if (!live.clicked(latlng)) { clicked(latlng, row); } };

  app.part("live", ["lang"], function () { if (began) { live.relabel(); } });
  app.part("live-service", ["theme"], function () { if (began) { live.followTheme(); } });

  app.start = function (map) {
    var frame = document.querySelector(".map-frame"), answer = app.byId("part-answer");
    frame.appendChild(app.byId("live-bar"));
    frame.appendChild(app.byId("live-messages"));
    answer.insertBefore(app.byId("live-panel"), answer.firstChild);
    L.DomEvent.disableClickPropagation(app.byId("live-bar"));
    L.DomEvent.disableScrollPropagation(app.byId("live-bar"));
    start(map);
    live.buildLayers();
    began = true;
    live.wireModes();
    live.wirePanel();
    live.followTheme();
    live.connect();
    document.body.setAttribute("data-live", "started");
  };
}(lifecircle));
