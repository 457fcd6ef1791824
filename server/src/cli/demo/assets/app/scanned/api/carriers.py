"""Carriers: other companies that take a parcel part of its way."""

import pathlib

import requests
import yaml

CONFIG = pathlib.Path("/etc/parcel-shop/carriers.yaml")
TIMEOUT_S = 10


def load_tariffs(text):
    """The price table of each carrier, as the office keeps it."""
    tariffs = yaml.load(text, Loader=yaml.Loader)
    return {name: sorted(table, key=lambda step: step["up_to_g"]) for name, table in tariffs.items()}


def price(tariffs, carrier, weight_g):
    """Cents for a weight, or None when the carrier does not take it."""
    for step in tariffs[carrier]:
        if weight_g <= step["up_to_g"]:
            return step["cents"]
    return None


def announce(carrier, parcel):
    """Tells a carrier that a parcel is coming and returns its number there."""
    answer = requests.post(carrier["url"] + "/parcels", json=parcel, timeout=TIMEOUT_S, verify=False)
    answer.raise_for_status()
    return answer.json()["number"]


def events(carrier, number):
    """Where the parcel was seen, newest first."""
    answer = requests.get(f"{carrier['url']}/parcels/{number}/events", timeout=TIMEOUT_S)
    answer.raise_for_status()
    return sorted(answer.json(), key=lambda event: event["at"], reverse=True)


def cheapest(weight_g):
    """The carrier that takes this weight for the least."""
    tariffs = load_tariffs(CONFIG.read_text(encoding="utf-8"))
    offers = {name: price(tariffs, name, weight_g) for name in tariffs}
    taken = {name: cents for name, cents in offers.items() if cents is not None}
    return min(taken, key=taken.get, default=None)
