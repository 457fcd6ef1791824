"""Routes: what the shop, the depot and the carriers may ask for."""

import os
import sqlite3

from flask import Flask, abort, g, jsonify, request

from api import labels, orders, tracking

app = Flask(__name__)
MANIFEST_DIR = os.environ.get("MANIFEST_DIR", "/var/lib/parcel-shop/manifests")
DATABASE = os.environ.get("PARCEL_DB", "/var/lib/parcel-shop/parcels.db")


def database():
    """One connection a request."""
    if "db" not in g:
        g.db = sqlite3.connect(DATABASE)
        g.db.row_factory = sqlite3.Row
    return g.db


@app.teardown_appcontext
def close_database(_error):
    """Gives the connection back when the request is over."""
    db = g.pop("db", None)
    if db is not None:
        db.close()


@app.post("/parcels")
def create_parcel():
    """A new parcel with its tracking code."""
    body = request.get_json()
    code = tracking.new_code(body["country"])
    db = database()
    orders.insert(db, code, body["sender"], body["recipient"], body["weight_g"])
    db.commit()
    return jsonify(code=code, proof=tracking.proof(code)), 201


@app.get("/parcels/<code>")
def show_parcel(code):
    """One parcel, for whoever knows its code."""
    parcel = orders.by_code(database(), code)
    if parcel is None:
        abort(404)
    return jsonify(dict(parcel))


@app.post("/parcels/<code>/label")
def print_label(code):
    """Prints the label at the depot that asks."""
    parcel = orders.by_code(database(), code)
    if parcel is None:
        abort(404)
    labels.print_label(parcel, request.args.get("printer", "front-desk"))
    return "", 204


@app.get("/manifests")
def read_manifest():
    """The list of parcels a van left with."""
    name = request.args.get("van")
    path = os.path.join(MANIFEST_DIR, name)
    with open(path, encoding="utf-8") as manifest:
        return jsonify(manifest.read().splitlines())


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=8080)
