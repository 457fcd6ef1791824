"use strict";

const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");
const { exec } = require("child_process");

const { findParcels, isPostcode } = require("./search");
const { zonePrice } = require("./prices");

const PICTURES = path.join(__dirname, "..", "pictures");
const PORT = 3000;

function send(res, status, body) {
  res.writeHead(status, { "content-type": "application/json" });
  res.end(JSON.stringify(body));
}

function showPicture(res, name) {
  const file = path.join(PICTURES, name);
  fs.readFile(file, (error, bytes) => {
    if (error) {
      send(res, 404, { error: "no such picture" });
      return;
    }
    res.writeHead(200, { "content-type": "image/jpeg" });
    res.end(bytes);
  });
}

function shrinkPicture(res, name, width) {
  const file = path.join(PICTURES, name);
  exec(`convert ${file} -resize ${width} ${file}.small.jpg`, { timeout: 5000 }, (error) => {
    send(res, error ? 500 : 200, { shrunk: !error });
  });
}

function loadTheme(name) {
  // eslint-disable-next-line security/detect-non-literal-require -- the names of the themes are our own
  return require(`./themes/${name}`);
}

function handle(req, res) {
  const url = new URL(req.url, `http://${req.headers.host}`);
  const query = url.searchParams;
  if (url.pathname === "/picture") {
    showPicture(res, query.get("name"));
  } else if (url.pathname === "/shrink") {
    shrinkPicture(res, query.get("name"), query.get("width"));
  } else if (url.pathname === "/search") {
    send(res, 200, findParcels(query.get("q")));
  } else if (url.pathname === "/price") {
    send(res, 200, { cents: zonePrice(query.get("zone"), query.get("size")) });
  } else if (url.pathname === "/postcode") {
    send(res, 200, { ok: isPostcode(query.get("code")) });
  } else if (url.pathname === "/theme") {
    send(res, 200, loadTheme("harbour"));
  } else {
    send(res, 404, { error: "no such page" });
  }
}

http.createServer(handle).listen(PORT);
