"use strict";
/* A large study: its counties, each with a page of its own, and the way back from there. */
(function (app) {
  var node = app.node, word = app.word;

  /* Another page, opened on the rule and in the language of this one. @param {string} page */
  function address(page) {
    var asked = new URLSearchParams(), state = app.state;
    if (state.theme) { asked.set("rule", app.keyOf(state.theme)); }
    if (state.community !== null) { asked.set("community", app.data.communities.code[state.community]); asked.set("panel", "place"); }
    asked.set("lang", state.lang);
    return page + "#" + asked.toString();
  }

  /* A link that takes along what is chosen when it is followed. @param {string} page @param {string} words */
  function pageLink(page, words) {
    var made = /** @type {HTMLAnchorElement} */ (node("a", "page-link", words));
    made.href = address(page);
    ["pointerdown", "focus"].forEach(function (event) { made.addEventListener(event, function () { made.href = address(page); }); });
    return made;
  }

  function countyLine(county) {
    var line = node("li"), about = [word("map.of-them", { n: app.number(county.short), number: app.number(county.communities) })];
    if (county.people !== null) { about.push(word("map.county-people", { n: app.number(county.people, 0) })); }
    line.appendChild(pageLink(county.page, county.name));
    line.appendChild(node("small", "", app.list(about)));
    return line;
  }

  function drawCounties() {
    var back = app.empty(app.byId("whole-page")), section = app.empty(app.byId("counties-section")), pages = app.data.pages, list = node("ul", "counties");
    back.hidden = !pages.whole;
    if (pages.whole) { back.appendChild(pageLink(pages.whole, word("map.whole-page"))); }
    section.hidden = !pages.counties.length;
    if (!pages.counties.length) { return; }
    section.appendChild(node("h2", "", word("map.county-pages")));
    section.appendChild(node("p", "note", word("map.county-pages-how")));
    pages.counties.forEach(function (county) { list.appendChild(countyLine(county)); });
    section.appendChild(list);
    var alone = app.data.communities.county.filter(function (at) { return at < 0; }).length;
    if (alone) { section.appendChild(node("p", "note", word("map.county-none", { n: app.number(alone) }))); }
    drawBorders();
  }

  /* Borders between counties, once: they belong to the ground of the map. */
  function drawBorders() {
    if (app.borders) { return; }
    app.borders = L.layerGroup(app.data.pages.counties.map(function (county) {
      return L.polygon(app.polygons(county.shape, app.data.origin), Object.assign({ renderer: L.svg({ pane: "outline" }), pane: "outline", fill: false, interactive: false }, app.COUNTY_LINE));
    })).addTo(app.map);
  }

  app.COUNTY_LINE = { color: "#444444", weight: 1.2, dashArray: "5 3" };

  /* The way from a community to the page of its county; null where that has none. @param {number} row */
  app.countyLink = function (row) {
    var at = app.data.communities.county[row], code = app.data.counties[at], county = app.data.pages.counties.find(function (one) { return one.code === code; });
    return county ? pageLink(county.page, word("map.county-page", { name: county.name })) : null;
  };

  app.part("counties", ["lang"], drawCounties);
}(lifecircle));
